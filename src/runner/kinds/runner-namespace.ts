import { createApi } from '../../runtime/kubernetes/api.ts';
import { connectInCluster } from '../../runtime/kubernetes/in-cluster.ts';
import { Namespace } from '../../runtime/kubernetes/resources.ts';

/** The namespace that the runner's pod is in, with the rights of its service account. */
export async function runnerNamespace(name: string): Promise<Namespace> {
  return new Namespace(createApi(await connectInCluster()), name);
}
