import { workflowInfo } from '@temporalio/workflow';
import { jobRecords } from '../activities.ts';

/** Run by a cron job's schedule, at its times and when somebody triggers it: hands the time to the job's entity. */
export async function fire({ jobId }: { jobId: string }): Promise<void> {
  // Set by every schedule (Temporal documentation, Schedule, search attributes); the start time else.
  const [scheduled] = (workflowInfo().searchAttributes.TemporalScheduledStartTime ?? []) as Date[];
  const nominalAt = (scheduled ?? workflowInfo().startTime).toISOString();
  await jobRecords(`run of ${nominalAt}`).fireJob({ jobId, nominalAt });
}
