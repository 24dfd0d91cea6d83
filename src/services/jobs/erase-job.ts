import type { BisectStore } from '../../model/ports/bisects.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import { type RemoveTaskPorts, removeTask } from '../tasks/remove-task.ts';

export interface EraseJobPorts extends RemoveTaskPorts {
  jobs: JobStore;
  bisects: BisectStore;
}

/**
 * Removes the tasks of a job with their logs, outputs and files, its bisects, and last the job. Safe to repeat after a
 * crash.
 */
export async function eraseJob(ports: EraseJobPorts, jobId: string): Promise<void> {
  for (;;) {
    const { items } = await ports.tasks.list({ jobId }, { limit: 100 });
    if (items.length === 0) break;
    for (const task of items) await removeTask(ports, task);
  }
  await ports.bisects.deleteOf(jobId);
  await ports.jobs.delete(jobId);
}
