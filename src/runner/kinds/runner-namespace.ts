import { createApi } from '../../adapters/kubernetes/api.ts';
import { connectInCluster } from '../../adapters/kubernetes/in-cluster.ts';
import { Namespace } from '../../adapters/kubernetes/resources.ts';

/** Connects to a namespace with the rights of the runner's service account. */
export async function runnerNamespace(name: string): Promise<Namespace> {
  return new Namespace(createApi(await connectInCluster()), name);
}
