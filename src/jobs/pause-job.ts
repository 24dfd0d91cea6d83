import type { Schedules } from '../model/durable-ports.ts';
import { Fault } from '../model/fault.ts';
import { found } from '../model/found.ts';
import type { JobStore } from '../model/ports.ts';

export interface PausePorts {
  jobs: JobStore;
  schedules: Schedules;
}

/** Keeps a job from being triggered until it is resumed; runs by hand go on. Faults: not_found, conflict, unavailable. */
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
  await jobs.setPause(jobId, pause);
  if (job.jobType === 'cron_job') await schedules.pause(jobId, `paused by ${by}${note ? `: ${note}` : ''}`);
}

/** Lets a job be triggered again; what was missed meanwhile is not made up. Faults: not_found, unavailable. */
export async function resumeJob(
  { jobs, schedules }: PausePorts,
  jobId: string,
  { by, note }: { by: string; note?: string },
): Promise<void> {
  const job = found(await jobs.get(jobId), `job ${jobId}`);
  if (job.jobType === 'cron_job') await schedules.resume(jobId, `resumed by ${by}${note ? `: ${note}` : ''}`);
  await jobs.setPause(jobId, undefined);
}
