import type { Logger } from 'pino';
import type { Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import type { Config } from '../config.ts';
import type { Report } from '../embedded/stage.ts';
import { checkTimeoutMs, connectCluster } from '../worker/create-runtime.ts';

/**
 * The cluster that tests run in, for a program that runs none itself, and whose `/readyz` looks at it; undefined on Docker and, as it
 * reports, without a kubeconfig. Throws why no test could run there. A cluster that does not answer is told and left to
 * `/readyz`: meanwhile webhooks are taken.
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
    report(`cluster     not looked at: ${error.message}; workers look at it themselves`);
    return undefined;
  }
  try {
    await runtime.check?.(AbortSignal.timeout(checkTimeoutMs));
    report(`cluster     takes tests in namespace ${config.NAMESPACE}`);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'engine_unavailable') throw error;
    report(`cluster     ${error.message}; /readyz says when it does`);
    log.warn({ err: error }, 'the cluster does not answer');
  }
  return runtime;
}
