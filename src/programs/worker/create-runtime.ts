import type Docker from 'dockerode';
import type { Logger } from 'pino';
import { createDockerRuntime } from '../../adapters/docker/docker-runtime.ts';
import type { Runtime } from '../../model/engine/runtime.ts';
import { withDatabases } from '../../services/runs/with-databases.ts';
import type { Config } from '../config.ts';

/** Milliseconds that a cluster has to answer at the start. */
export const checkTimeoutMs = 15_000;

/** The runtime of RUNTIME, with the databases of MYSQL_CONN_TEMPLATE; throws why no run could begin in its cluster. */
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

/** The runtime in a cluster, unchecked. Its client takes seconds to load, so it is loaded where there is one. */
export async function connectCluster(config: Config, log: Logger): Promise<Runtime> {
  const [{ connectKubeconfig }, { createKubernetesRuntime }] = await Promise.all([
    import('../../adapters/kubernetes/kubeconfig.ts'),
    import('../../adapters/kubernetes/kubernetes-runtime.ts'),
  ]);
  const { NAMESPACE: namespace, PLUGIN_CLAIM: pluginClaim } = config;
  const connection = connectKubeconfig(config.KUBECONFIG);
  return createKubernetesRuntime({ connection, namespace, pluginClaim, log });
}
