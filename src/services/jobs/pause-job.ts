import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { Job } from '../../model/job.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Schedules } from '../../model/ports/schedules.ts';

export interface PausePorts {
  jobs: JobStore;
  schedules: Schedules;
}

/**
 * Keeps a job from being triggered until it is resumed; runs by hand go on. When it cannot be recorded, its schedule goes on
 * as before. Faults: not_found, conflict, unavailable.
 */
export async function pauseJob(
  { jobs, schedules }: PausePorts,
  jobId: string,
  { by, note }: { by: string; note?: string },
): Promise<void> {
  const job = found(await jobs.get(jobId), `job ${jobId}`);
  if (job.jobType === 'manual') {
    throw new Fault('conflict', `job ${job.name} has no trigger to pause: it only runs by hand`);
  }
  const pause = { by, ...(note !== undefined && { note }), at: new Date() };
  const undo = job.jobType === 'cron_job' ? await pauseSchedule(schedules, { ...job, pause }) : undefined;
  await orUndo(jobs.setPause(jobId, pause), undo);
}

/** Returns what undoes it; one that is missing is made, paused. */
async function pauseSchedule(schedules: Schedules, job: Job): Promise<Undo | undefined> {
  const before = await schedules.describe(job.id);
  const { by = '', note } = job.pause ?? {};
  const isThere = before && (await schedules.pause(job.id, `paused by ${by}${note ? `: ${note}` : ''}`));
  if (!isThere) await schedules.ensure(job);
  return before?.paused ? undefined : () => schedules.resume(job.id, 'its pause could not be recorded');
}

/**
 * Lets a job be triggered again; what was missed meanwhile is not made up. When it cannot be recorded, its schedule stays as
 * it was. Faults: not_found, unavailable.
 */
export async function resumeJob(
  { jobs, schedules }: PausePorts,
  jobId: string,
  { by, note }: { by: string; note?: string },
): Promise<void> {
  const job = found(await jobs.get(jobId), `job ${jobId}`);
  const before = job.jobType === 'cron_job' ? await schedules.describe(jobId) : undefined;
  if (before) await schedules.resume(jobId, `resumed by ${by}${note ? `: ${note}` : ''}`);
  await orUndo(
    jobs.setPause(jobId, undefined),
    before?.paused ? () => schedules.pause(jobId, before.note ?? 'its end could not be recorded') : undefined,
  );
}

type Undo = () => Promise<unknown>;

async function orUndo(write: Promise<void>, undo: Undo | undefined): Promise<void> {
  try {
    await write;
  } catch (error) {
    // Of two servers that are away, the record is what is told: it is what failed first.
    await undo?.().catch(() => undefined);
    throw error;
  }
}
