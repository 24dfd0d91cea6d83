import { log, patched } from '@temporalio/workflow';
import { bisectActivities, jobActivities, maintenanceActivities } from '../activities.ts';
import { faultOf } from '../faults.ts';
import { startSweep } from './start-sweep.ts';

/**
 * Runs on a schedule of its own: reconciles schedules, dispatches waiting webhooks, starts sweeps of lost tasks,
 * settles lost builds and bisects, and removes undeleted objects of settled tasks, expired records and orphaned
 * objects. A failed chore does not stop the others.
 */
export async function janitor(): Promise<void> {
  await runChore('schedules and jobs', () => jobActivities('reconcile schedules and jobs').reconcileJobs());
  await runChore('waiting webhooks', () => jobActivities('dispatch waiting webhooks').dispatchWaiting());
  await runChore('lost tasks', async () => {
    for (const taskId of await jobActivities('find lost tasks').lostTasks()) await startSweep(taskId);
  });
  await runChore('lost builds', () => jobActivities('settle lost builds').settleLostBuilds());
  await runChore('undeleted objects', () => maintenanceActivities('remove undeleted and late objects').tidyUp());
  // Janitors that were running at the time of these releases end here.
  if (patched('retention'))
    await runChore('retention', () => maintenanceActivities('remove expired records').removeExpired());
  if (patched('orphans'))
    await runChore('orphans', () => maintenanceActivities('remove orphaned objects').removeOrphans());
  if (patched('bisects'))
    await runChore('lost bisects', () => bisectActivities('settle lost bisects').settleLostBisects());
  if (patched('accepted'))
    await runChore('accepted tasks', () => jobActivities('reconcile accepted tasks').reconcileStarts());
}

async function runChore(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn('a chore of the janitor failed, retrying in a minute', {
      chore: name,
      reason: faultOf(error).message,
    });
  }
}
