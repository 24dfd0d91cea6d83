import { Fault } from '../../model/fault.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';

export interface DispatchStartPorts {
  tasks: TaskStore;
  orchestrator: Pick<Orchestrator, 'startTask'>;
}

/**
 * Hands the start of an accepted task to Temporal. Withdraws the acceptance when Temporal does not take it, so that a
 * late delivery starts nothing. Faults: unavailable, whose message says whether the task may still start.
 */
export async function dispatchStart(
  { tasks, orchestrator }: DispatchStartPorts,
  { taskId, startId, key }: { taskId: string; startId: string; key?: string },
): Promise<void> {
  const unknown = (cause: unknown) => Promise.reject(outcomeUnknown(taskId, cause));
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

/**
 * Returns the fault for a start that Temporal may have taken while MongoDB did not answer: `reconcileStarts` settles
 * it.
 */
function outcomeUnknown(taskId: string, cause: unknown): Fault {
  return new Fault('unavailable', `task ${taskId} may still start: MongoDB did not answer in time`, {
    hint: `check GET /tasks/${taskId}: within 3 minutes it has started or was withdrawn (404, or the previous attempt); it is safe to repeat the request with its Idempotency-Key`,
    cause,
  });
}
