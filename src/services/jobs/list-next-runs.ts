import { Fault } from '../../model/fault.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Schedules } from '../../model/ports/schedules.ts';
import { requireFound } from '../../model/require-found.ts';
import { nextRuns } from './next-runs.ts';

/**
 * Returns the next `n` times of a cron job, at most 10. Faults: not_found, conflict when the job has no schedule or it
 * is missing in Temporal, unavailable.
 */
export async function listNextRuns(
  { jobs, schedules }: { jobs: JobStore; schedules: Schedules },
  jobId: string,
  n: number,
): Promise<Date[]> {
  const job = requireFound(await jobs.get(jobId), `job ${jobId}`);
  if (job.jobType !== 'cron_job')
    throw new Fault('conflict', `job ${job.name} is a ${job.jobType}: it has no schedule`);
  if (await schedules.describe(jobId)) return nextRuns(job, n);
  throw new Fault('conflict', `the schedule of job ${job.name} is missing in Temporal`, {
    hint: 'it was deleted in Temporal; the janitor re-creates it within a minute',
  });
}
