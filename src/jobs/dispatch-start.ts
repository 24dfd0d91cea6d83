import type { Orchestrator } from '../model/durable-ports.ts';
import { Fault } from '../model/fault.ts';
import type { TaskStore } from '../model/ports.ts';

export interface DispatchStartPorts {
  tasks: TaskStore;
  orchestrator: Pick<Orchestrator, 'startTask'>;
}

/**
 * Hands the start of an accepted task to Temporal. Where Temporal does not take it, the acceptance is undone, so that what was
 * delivered late starts nothing. Faults: unavailable.
 */
export async function dispatchStart(
  { tasks, orchestrator }: DispatchStartPorts,
  { taskId, startId, key }: { taskId: string; startId: string; key?: string },
): Promise<void> {
  const start = await tasks.startOf(taskId);
  if (start?.id === startId) {
    try {
      await orchestrator.startTask(start.jobId, start.request);
    } catch (error) {
      if (await tasks.withdraw(taskId, startId)) {
        if (key !== undefined) await tasks.forgetAnswer(key, taskId);
        throw error;
      }
    }
  }
  if (await tasks.markDispatched(taskId, startId, new Date())) return;
  throw new Fault('unavailable', `the start of task ${taskId} was withdrawn`, { hint: 'send the request again' });
}
