import { createApi } from '../../adapters/kubernetes/api.ts';
import { connectInCluster } from '../../adapters/kubernetes/in-cluster.ts';
import { Namespace } from '../../adapters/kubernetes/resources.ts';

/** The namespace that the runner's pod is in, with the rights of its service account. */
export async function runnerNamespace(name: string): Promise<Namespace> {
  return new Namespace(createApi(await connectInCluster()), name);
}
