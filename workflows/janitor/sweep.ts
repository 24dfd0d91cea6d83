import { log } from '@temporalio/workflow';
import type { LostTask } from '../../src/model/activities.ts';
import type { StepProgress } from '../../src/model/step.ts';
import { cleanup, jobRecords, lastLines } from '../activities.ts';
import { faultOf } from '../faults.ts';

/** Removes what a terminated or lost task left, after the rest of its logs was read, and settles its record. */
export async function sweep({ taskId }: { taskId: string }): Promise<void> {
  const lost = await jobRecords('is it lost?').findLost({ taskId });
  if (!lost) return;
  const steps = await restOfLogs(lost);
  const debts = await cleanup(`testid ${lost.testId}`).cleanUp({ testId: lost.testId, runId: lost.runId });
  await jobRecords('settle the record').settleLost({ ...lost, steps, debts });
}

/** Logs that cannot be read are no reason to leave the environment standing. */
async function restOfLogs(lost: LostTask): Promise<StepProgress[]> {
  try {
    return await lastLines('the rest of its logs').drainLogs(lost);
  } catch (error) {
    log.warn('the rest of the logs cannot be read', { taskId: lost.taskId, reason: faultOf(error).message });
    return [];
  }
}
