import { workflowInfo } from '@temporalio/workflow';
import { jobActivities } from '../activities.ts';

/**
 * Triggers the job's entity for one time of its schedule. Started by the schedule, also when a user triggers the
 * schedule.
 */
export async function fire({ jobId }: { jobId: string }): Promise<void> {
  // Set by every schedule (Temporal documentation, Schedule, search attributes).
  const [scheduled] = (workflowInfo().searchAttributes.TemporalScheduledStartTime ?? []) as Date[];
  const nominalAt = (scheduled ?? workflowInfo().startTime).toISOString();
  await jobActivities(`run of ${nominalAt}`).fireJob({ jobId, nominalAt });
}
