import { jobRecords } from './activities.ts';
import { startSweep } from './start-sweep.ts';

/** Run by a schedule of its own: makes schedules equal to the jobs, and has lost tasks swept. */
export async function janitor(): Promise<void> {
  await jobRecords('schedules and jobs').reconcileJobs();
  const taskIds = await jobRecords('lost tasks').lostTasks();
  for (const taskId of taskIds) await startSweep(taskId);
}
