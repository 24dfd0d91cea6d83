import { log, patched } from '@temporalio/workflow';
import { bisecting, jobRecords, tidying } from '../activities.ts';
import { faultOf } from '../faults.ts';
import { startSweep } from './start-sweep.ts';

/**
 * Run by a schedule of its own: mends schedules, dispatches webhooks that nobody else does, has lost tasks swept, settles
 * lost builds and bisects, and removes what settled tasks still have, what is older than it is kept, and objects without a
 * task. One chore that fails does not keep the others from being done.
 */
export async function janitor(): Promise<void> {
  await chore('schedules and jobs', () => jobRecords('schedules and jobs').reconcileJobs());
  await chore('webhooks that wait', () => jobRecords('webhooks that wait').dispatchWaiting());
  await chore('lost tasks', async () => {
    for (const taskId of await jobRecords('lost tasks').lostTasks()) await startSweep(taskId);
  });
  await chore('lost builds', () => jobRecords('lost builds').settleLostBuilds());
  await chore('debts', () => tidying('debts and what came late').tidyUp());
  // Of janitors that were under way when this came: their histories end here.
  if (patched('retention')) await chore('retention', () => tidying('what is too old').removeExpired());
  if (patched('orphans')) await chore('orphans', () => tidying('objects without a task').removeOrphans());
  if (patched('bisects')) await chore('lost bisects', () => bisecting('lost bisects').settleLostBisects());
  if (patched('accepted')) await chore('accepted tasks', () => jobRecords('accepted tasks').reconcileStarts());
}

async function chore(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn('the janitor could not do its work, and tries again in a minute', {
      chore: name,
      reason: faultOf(error).message,
    });
  }
}
