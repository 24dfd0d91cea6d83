import type Docker from 'dockerode';
import type { Logger } from 'pino';
import { createDockerRuntime } from '../../adapters/docker/docker-runtime.ts';
import type { Runtime } from '../../model/engine/runtime.ts';
import { withDatabases } from '../../services/runs/with-databases.ts';
import type { Config } from '../config.ts';

/** Timeout of the check of the cluster at the start. */
export const checkTimeoutMs = 15_000;

/** Creates the runtime of RUNTIME with the databases of MYSQL_CONN_TEMPLATE. Throws a Fault when the cluster cannot run tests. */
export async function createRuntime(config: Config, docker: Docker, log: Logger): Promise<Runtime> {
  const runtime = await createEngine(config, docker, log);
  if (config.MYSQL_CONN_TEMPLATE === undefined) return runtime;
  const { createTestDatabases } = await import('../../adapters/mysql/test-databases.ts');
  return withDatabases(runtime, createTestDatabases(config.MYSQL_CONN_TEMPLATE), log);
}

async function createEngine(config: Config, docker: Docker, log: Logger): Promise<Runtime> {
  if (config.RUNTIME === 'docker') return createDockerRuntime({ docker, log, registry: config.REGISTRY });
  const runtime = await connectCluster(config, log);
  await runtime.check?.(AbortSignal.timeout(checkTimeoutMs));
  return runtime;
}

/** Creates the Kubernetes runtime without a check. Loads the client on demand, which takes seconds. */
export async function connectCluster(config: Config, log: Logger): Promise<Runtime> {
  const [{ connectKubeconfig }, { createKubernetesRuntime }] = await Promise.all([
    import('../../adapters/kubernetes/kubeconfig.ts'),
    import('../../adapters/kubernetes/kubernetes-runtime.ts'),
  ]);
  const { NAMESPACE: namespace, PLUGIN_CLAIM: pluginClaim } = config;
  const connection = connectKubeconfig(config.KUBECONFIG);
  return createKubernetesRuntime({ connection, namespace, pluginClaim, log });
}
