import { found } from '../../model/found.ts';
import type { Job } from '../../model/job.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Schedules } from '../../model/ports/schedules.ts';
import type { TaskStore, TaskSummary } from '../../model/ports/tasks.ts';
import { nextRuns } from './times-of-job.ts';

/** A job with what it is doing. */
export interface JobDetail extends Omit<Job, 'pause'> {
  paused: boolean;
  pause?: { by?: string; note?: string; at?: Date };
  /** What starts it: `missing` is a schedule that somebody has deleted in Temporal. */
  trigger: 'none' | 'schedule' | 'webhook' | 'missing';
  /** At most the next 3 times of its schedule. */
  nextRuns: Date[];
  /** The newest first. */
  lastTasks: TaskSummary[];
}

/** A job, its schedule as Temporal has it now, and its newest tasks. Faults: not_found, unavailable. */
export async function getJob(
  { jobs, tasks, schedules }: { jobs: JobStore; tasks: TaskStore; schedules: Schedules },
  jobId: string,
): Promise<JobDetail> {
  const { pause, ...job } = found(await jobs.get(jobId), `job ${jobId}`);
  const [{ items: lastTasks }, schedule] = await Promise.all([
    tasks.list({ jobId }, { limit: 5 }),
    job.jobType === 'cron_job' ? schedules.describe(jobId) : undefined,
  ]);
  const detail = { ...job, lastTasks, nextRuns: [] };
  if (job.jobType !== 'cron_job') {
    const trigger = job.jobType === 'manual' ? 'none' : 'webhook';
    return { ...detail, trigger, paused: pause !== undefined, ...(pause && { pause }) };
  }
  if (!schedule) return { ...detail, trigger: 'missing', paused: pause !== undefined, ...(pause && { pause }) };
  const { paused, note } = schedule;
  // Of a pause that was made in Temporal itself, its note is all there is.
  const shown = pause ?? { ...(note && { note }) };
  return { ...detail, trigger: 'schedule', paused, nextRuns: nextRuns(job, 3), ...(paused && { pause: shown }) };
}
