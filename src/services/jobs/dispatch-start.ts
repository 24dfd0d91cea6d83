import { Fault } from '../../model/fault.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';

export interface DispatchStartPorts {
  tasks: TaskStore;
  orchestrator: Pick<Orchestrator, 'startTask'>;
}

/**
 * Hands the start of an accepted task to Temporal. Where Temporal does not take it, the acceptance is undone, so that what was
 * delivered late starts nothing. Faults: unavailable, which says so where it is not known what becomes of the task.
 */
export async function dispatchStart(
  { tasks, orchestrator }: DispatchStartPorts,
  { taskId, startId, key }: { taskId: string; startId: string; key?: string },
): Promise<void> {
  const unknown = (cause: unknown) => Promise.reject(fateUnknown(taskId, cause));
  const start = await tasks.startOf(taskId);
  if (start?.id === startId) {
    try {
      await orchestrator.startTask(start.jobId, start.request);
    } catch (error) {
      if (await tasks.withdraw(taskId, startId).catch(unknown)) {
        if (key !== undefined) await tasks.forgetAnswer(key, taskId);
        throw error;
      }
    }
  }
  if (await tasks.markDispatched(taskId, startId, new Date()).catch(unknown)) return;
  throw new Fault('unavailable', `the start of task ${taskId} was withdrawn`, { hint: 'send the request again' });
}

/** Temporal may have taken the start, and MongoDB did not answer: `reconcileStarts` settles it. */
function fateUnknown(taskId: string, cause: unknown): Fault {
  return new Fault(
    'unavailable',
    `task ${taskId} may start all the same: MongoDB did not answer before it was settled`,
    {
      hint: `look at GET /tasks/${taskId}: within 3 minutes it has begun, or it is withdrawn (404, or the attempt before); the same request with its Idempotency-Key is safe to repeat`,
      cause,
    },
  );
}
