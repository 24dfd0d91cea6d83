import type { Logger } from 'pino';
import type { DispatchStartPorts } from './dispatch-start.ts';

/** How long a program may take from the record of an acceptance to its answer; one that took longer has ended. */
const withdrawAfterMs = 2 * 60_000;
/** Temporal has taken the start, but no workflow has claimed it: its entity may have been terminated. */
const dispatchAfterMs = 10 * 60_000;

/**
 * Settles what became of accepted tasks that have not begun for long: one whose program ended before Temporal had taken it is
 * withdrawn, as nobody was told that it was accepted; one that Temporal has taken is handed over again. Run at every start
 * and by the janitor. Throws `unavailable` when Temporal does not answer.
 */
export async function reconcileStarts({
  tasks,
  orchestrator,
  log,
}: DispatchStartPorts & { log: Logger }): Promise<void> {
  const now = Date.now();
  for (const taskId of await tasks.unclaimed(new Date(now - withdrawAfterMs))) {
    const start = await tasks.startOf(taskId);
    if (!start) continue;
    const { id, jobId, dispatchedAt, request } = start;
    if (!dispatchedAt) {
      if (await tasks.withdraw(taskId, id)) log.warn({ task: taskId }, 'withdrew a task that was not fully accepted');
    } else if (dispatchedAt.getTime() < now - dispatchAfterMs) {
      await orchestrator.startTask(jobId, request);
      await tasks.markDispatched(taskId, id, new Date());
      log.warn({ task: taskId }, 'handed an accepted task to its job again');
    }
  }
}
