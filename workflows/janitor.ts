import { jobRecords } from './activities.ts';
import { startSweep } from './start-sweep.ts';

/** Run by a schedule of its own: mends schedules, dispatches webhooks that nobody else does, has lost tasks swept, settles lost builds. */
export async function janitor(): Promise<void> {
  await jobRecords('schedules and jobs').reconcileJobs();
  await jobRecords('webhooks that wait').dispatchWaiting();
  await jobRecords('lost builds').settleLostBuilds();
  const taskIds = await jobRecords('lost tasks').lostTasks();
  for (const taskId of taskIds) await startSweep(taskId);
}
