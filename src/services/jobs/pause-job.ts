import { Fault } from '../../model/fault.ts';
import type { Job } from '../../model/job.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Schedules } from '../../model/ports/schedules.ts';
import { requireFound } from '../../model/require-found.ts';

export interface PausePorts {
  jobs: JobStore;
  schedules: Schedules;
}

/**
 * Pauses the trigger of a job until it is resumed; manual runs stay possible. Restores the schedule when the pause
 * cannot be recorded. Faults: not_found, conflict, unavailable.
 */
export async function pauseJob(
  { jobs, schedules }: PausePorts,
  jobId: string,
  { by, note }: { by: string; note?: string },
): Promise<void> {
  const job = requireFound(await jobs.get(jobId), `job ${jobId}`);
  if (job.jobType === 'manual') {
    throw new Fault('conflict', `job ${job.name} has no trigger to pause: it only has manual runs`);
  }
  const pause = { by, note, at: new Date() };
  const undo = job.jobType === 'cron_job' ? await pauseSchedule(schedules, { ...job, pause }) : undefined;
  await orUndo(jobs.setPause(jobId, pause), undo);
}

/** Pauses the schedule of a job, or creates a missing one as paused. Returns a function that undoes the pause. */
async function pauseSchedule(schedules: Schedules, job: Job): Promise<Undo | undefined> {
  const before = await schedules.describe(job.id);
  const { by = '', note } = job.pause ?? {};
  const exists = before && (await schedules.pause(job.id, `paused by ${by}${note ? `: ${note}` : ''}`));
  if (!exists) await schedules.ensure(job);
  return before?.paused ? undefined : () => schedules.resume(job.id, 'its pause could not be recorded');
}

/**
 * Resumes the trigger of a job; runs that were missed during the pause are not made up. Restores the schedule when the
 * change cannot be recorded. Faults: not_found, unavailable.
 */
export async function resumeJob(
  { jobs, schedules }: PausePorts,
  jobId: string,
  { by, note }: { by: string; note?: string },
): Promise<void> {
  const job = requireFound(await jobs.get(jobId), `job ${jobId}`);
  const before = job.jobType === 'cron_job' ? await schedules.describe(jobId) : undefined;
  if (before) await schedules.resume(jobId, `resumed by ${by}${note ? `: ${note}` : ''}`);
  await orUndo(
    jobs.setPause(jobId, undefined),
    before?.paused ? () => schedules.pause(jobId, before.note ?? 'its resumption could not be recorded') : undefined,
  );
}

type Undo = () => Promise<unknown>;

async function orUndo(write: Promise<void>, undo: Undo | undefined): Promise<void> {
  try {
    await write;
  } catch (error) {
    // If the undo fails too, the first error is the one to report.
    await undo?.().catch(() => undefined);
    throw error;
  }
}
