import { condition } from '@temporalio/workflow';
import { recordActivities } from '../activities.ts';
import { publishStatus } from './publish-status.ts';
import type { TaskRun } from './task-run.ts';

/** Waits until the job's entity lets the task begin, and records the events that join it meanwhile. */
export async function waitForTurn(run: TaskRun): Promise<void> {
  publishStatus(run);
  for (let recorded = run.trigger; !run.mayBegin || recorded !== run.trigger; ) {
    await condition(() => run.mayBegin || recorded !== run.trigger);
    const { trigger, versions } = run;
    if (recorded !== trigger)
      await recordActivities('record joined events').projectTask(run.projection({ trigger, versions }));
    recorded = trigger;
  }
  await recordActivities('record begin').projectTask(run.projection({ reason: null }));
}
