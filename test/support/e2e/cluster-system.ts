import { pino } from 'pino';
import { createKubernetesRuntime } from '../../../src/adapters/kubernetes/kubernetes-runtime.ts';
import type { Runtime } from '../../../src/model/engine/runtime.ts';
import { prepareCluster } from '../../../src/programs/embedded/prepare-cluster.ts';
import { TestCluster } from '../adapters/kubernetes/test-cluster.ts';
import { createSystem, type TestSystem } from './system.ts';

/** A system with runners and components in its own namespace of the cluster of KUBECONFIG. */
export interface ClusterSystem extends TestSystem {
  cluster: TestCluster;
  /** Access of the tests to the namespace. */
  runtime: Runtime;
}

export async function createClusterSystem(): Promise<ClusterSystem> {
  const cluster = await TestCluster.start();
  const namespace = cluster.namespace.name;
  await prepareCluster(cluster.connection, namespace, () => undefined);
  const runtime = createKubernetesRuntime({ ...cluster, namespace, log: pino({ level: 'silent' }) });
  const { KUBECONFIG = '', REGISTRY = '' } = process.env;
  const system = await createSystem({ RUNTIME: 'kubernetes', KUBECONFIG, REGISTRY, NAMESPACE: namespace });
  const { close } = system;
  return Object.assign(system, {
    cluster,
    runtime,
    async close() {
      await close();
      await cluster.close();
    },
  });
}
