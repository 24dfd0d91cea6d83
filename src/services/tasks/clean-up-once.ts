import type { Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { type CleanupDebt, runDebt } from '../../model/task.ts';

/** Milliseconds that an engine gets to answer after a task has waited too long for it. */
const timeoutMs = 60_000;

/**
 * Removes what a run has in an engine that its task has given up; while that still does not answer, the whole run is a debt, which
 * the janitor pays once it does. Throws the signal's reason.
 */
export async function cleanUpOnce(
  runtime: Pick<Runtime, 'cleanup'>,
  scope: { testId: string; runId: string },
  signal: AbortSignal,
): Promise<CleanupDebt[]> {
  const limit = new AbortController();
  const over = new Promise<never>((_resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true });
  });
  const fault = new Fault('engine_unavailable', `the engine did not answer its cleanup within ${timeoutMs / 1000} s`);
  const timer = setTimeout(() => limit.abort(fault), timeoutMs);
  try {
    // One that takes a call and never answers does not hear that it is aborted.
    return await Promise.race([runtime.cleanup(scope, AbortSignal.any([signal, limit.signal])), over]);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault) || error.code !== 'engine_unavailable') throw error;
    return [runDebt(scope.testId, error.message)];
  } finally {
    clearTimeout(timer);
  }
}
