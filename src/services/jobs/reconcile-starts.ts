import type { Logger } from 'pino';
import type { DispatchStartPorts } from './dispatch-start.ts';

/** Time that a program may take from recording an acceptance to its answer; after that it has crashed. */
const withdrawAfterMs = 2 * 60_000;
/** Time after which a start that no workflow has claimed is sent again: the entity may have been terminated. */
const dispatchAfterMs = 10 * 60_000;

/**
 * Reconciles accepted tasks that no workflow has claimed for long. Withdraws a task whose program crashed before
 * Temporal took the start, as its acceptance was never confirmed; dispatches the start again when Temporal has taken
 * it. Runs at every program start and in the janitor. Throws `unavailable` when Temporal does not answer.
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
      if (await tasks.withdraw(taskId, id)) log.warn({ taskId }, 'withdrew a task that was not fully accepted');
    } else if (dispatchedAt.getTime() < now - dispatchAfterMs) {
      await orchestrator.startTask(jobId, request);
      await tasks.markDispatched(taskId, id, new Date());
      log.warn({ taskId }, 'dispatched an accepted task to its job again');
    }
  }
}
