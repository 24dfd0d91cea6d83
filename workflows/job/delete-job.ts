import { sleep } from '@temporalio/workflow';
import { jobActivities, removalActivities } from '../activities.ts';
import type { JobEntity } from './job-entity.ts';

/** Stops the job's tasks, waits until all have cleaned up and settled, then removes all records of the job. */
export async function deleteJob(entity: JobEntity): Promise<void> {
  const { jobId } = entity;
  for (;;) {
    const open = await jobActivities('stop tasks').stopTasks({ jobId, taskIds: entity.unsettled });
    if (open.length === 0) break;
    await sleep('2 seconds', { summary: `wait for ${open.length} tasks to end` });
  }
  await removalActivities('remove records').eraseJob({ jobId });
}
