import type { Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { type UndeletedObject, undeletedRun } from '../../model/task.ts';

/** Time limit of the cleanup on an engine that was unreachable for too long, in milliseconds. */
const timeoutMs = 60_000;

/**
 * Cleans up a run once on an engine that its task has given up. If the engine still does not answer, returns the whole run as
 * undeleted; the janitor retries later. Throws the signal's reason.
 */
export async function cleanUpOnce(
  runtime: Pick<Runtime, 'cleanup'>,
  scope: { testId: string; runId: string },
  signal: AbortSignal,
): Promise<UndeletedObject[]> {
  const limit = new AbortController();
  const timedOut = new Promise<never>((_resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true });
  });
  const fault = new Fault('engine_unavailable', `the engine did not answer the cleanup within ${timeoutMs / 1000} s`);
  const timer = setTimeout(() => limit.abort(fault), timeoutMs);
  try {
    // An engine call that never answers may ignore its abort signal.
    return await Promise.race([runtime.cleanup(scope, AbortSignal.any([signal, limit.signal])), timedOut]);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault) || error.code !== 'engine_unavailable') throw error;
    return [undeletedRun(scope.testId, error.message)];
  } finally {
    clearTimeout(timer);
  }
}
