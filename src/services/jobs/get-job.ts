import type { Job } from '../../model/job.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Schedules } from '../../model/ports/schedules.ts';
import type { TaskStore, TaskSummary } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import { nextRuns } from './next-runs.ts';

/** A job with its trigger, its next runs and its newest tasks. */
export interface JobDetail extends Omit<Job, 'pause'> {
  paused: boolean;
  pause?: { by?: string; note?: string; at?: Date };
  /** How it is triggered; `missing` means that its schedule was deleted in Temporal. */
  trigger: 'none' | 'schedule' | 'webhook' | 'missing';
  /** The next 3 times of its schedule, at most. */
  nextRuns: Date[];
  /** Its 5 newest tasks, newest first. */
  lastTasks: TaskSummary[];
}

/** Returns a job with its current schedule in Temporal and its newest tasks. Faults: not_found, unavailable. */
export async function getJob(
  { jobs, tasks, schedules }: { jobs: JobStore; tasks: TaskStore; schedules: Schedules },
  jobId: string,
): Promise<JobDetail> {
  const { pause, ...job } = requireFound(await jobs.get(jobId), `job ${jobId}`);
  const [{ items: lastTasks }, schedule] = await Promise.all([
    tasks.list({ jobId }, { limit: 5 }),
    job.jobType === 'cron_job' ? schedules.describe(jobId) : undefined,
  ]);
  const detail = { ...job, lastTasks, nextRuns: [] };
  if (job.jobType !== 'cron_job') {
    const trigger = job.jobType === 'manual' ? 'none' : 'webhook';
    return { ...detail, trigger, paused: pause !== undefined, pause };
  }
  if (!schedule) return { ...detail, trigger: 'missing', paused: pause !== undefined, pause };
  const { paused, note } = schedule;
  // A pause that was made in Temporal itself only has a note.
  const shown = pause ?? { ...(note && { note }) };
  return { ...detail, trigger: 'schedule', paused, nextRuns: nextRuns(job, 3), pause: paused ? shown : undefined };
}
