import { sleep } from '@temporalio/workflow';
import { jobRecords, jobRemoval } from '../activities.ts';
import type { JobEntity } from './job-entity.ts';

/** Stops the job's tasks, waits until all have cleaned up and settled, then removes what is recorded of the job. */
export async function deleteJob(entity: JobEntity): Promise<void> {
  const { jobId } = entity;
  for (;;) {
    const open = await jobRecords('stop its tasks').stopTasks({ jobId, taskIds: entity.unsettled });
    if (open.length === 0) break;
    await sleep('2 seconds', { summary: `${open.length} tasks end` });
  }
  await jobRemoval('remove its records').eraseJob({ jobId });
}
