import { condition } from '@temporalio/workflow';
import { records } from '../activities.ts';
import type { TaskRun } from './task-run.ts';
import { show } from './visibility.ts';

/** Waits until the job's entity lets the task begin, and records what joins it meanwhile. */
export async function waitForTurn(run: TaskRun): Promise<void> {
  show(run);
  for (let recorded = run.trigger; !run.mayBegin || recorded !== run.trigger; ) {
    await condition(() => run.mayBegin || recorded !== run.trigger);
    const { trigger, versions } = run;
    if (recorded !== trigger) await records('joined').projectTask(run.projection({ trigger, versions }));
    recorded = trigger;
  }
  await records('its turn').projectTask(run.projection({ reason: null }));
}
