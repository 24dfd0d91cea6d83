import { log } from '@temporalio/workflow';
import type { LostTask } from '../../src/model/activities.ts';
import type { StepProgress } from '../../src/model/step.ts';
import { cleanupActivities, drainActivities, jobActivities } from '../activities.ts';
import { faultOf } from '../faults.ts';

/** Collects the remaining logs of a terminated or lost task, removes its objects, and settles its record. */
export async function sweep({ taskId }: { taskId: string }): Promise<void> {
  const lost = await jobActivities('check whether task is lost').findLost({ taskId });
  if (!lost) return;
  const steps = await collectRemainingLogs(lost);
  const debts = await cleanupActivities(`testid ${lost.testId}`).cleanUp({ testId: lost.testId, runId: lost.runId });
  await jobActivities('settle record').settleLost({ ...lost, steps, debts });
}

/** Collects the remaining logs. Unreadable logs must not keep the environment from being removed. */
async function collectRemainingLogs(lost: LostTask): Promise<StepProgress[]> {
  try {
    return await drainActivities('collect remaining logs').drainLogs(lost);
  } catch (error) {
    log.warn('cannot read the remaining logs of a task', { taskId: lost.taskId, reason: faultOf(error).message });
    return [];
  }
}
