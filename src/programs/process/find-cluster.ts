import type { Logger } from 'pino';
import type { Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import type { Config } from '../config.ts';
import type { Report } from '../embedded/stage.ts';
import { checkTimeoutMs, connectCluster } from '../worker/create-runtime.ts';

/**
 * Connects the server to the cluster of the tests, for `/readyz`. Returns undefined on Docker and, with a report, without a
 * kubeconfig. Throws a Fault when the cluster cannot run tests. An unreachable cluster is only reported: webhooks are
 * accepted meanwhile, and `/readyz` shows it.
 */
export async function findCluster(
  config: Config,
  log: Logger,
  report: Report,
): Promise<Pick<Runtime, 'check' | 'dryRun'> | undefined> {
  if (config.RUNTIME === 'docker') return undefined;
  let runtime: Runtime;
  try {
    runtime = await connectCluster(config, log);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'not_found') throw error;
    report(`cluster     not checked: ${error.message}; the workers check it`);
    return undefined;
  }
  try {
    await runtime.check?.(AbortSignal.timeout(checkTimeoutMs));
    report(`cluster     ready for tests in namespace ${config.NAMESPACE}`);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'engine_unavailable') throw error;
    report(`cluster     ${error.message}; /readyz shows its state`);
    log.warn({ err: error }, 'cannot reach the cluster');
  }
  return runtime;
}
