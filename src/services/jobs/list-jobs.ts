import { setTimeout } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import type { Job } from '../../model/job.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Page, PageRequest } from '../../model/ports/page.ts';
import type { Schedules } from '../../model/ports/schedules.ts';

/** A job of a list. A pause that was made in Temporal itself only has a note. */
export type ListedJob = Omit<Job, 'pause'> & { pause?: { by?: string; note?: string; at?: Date } };

/** Time to wait for Temporal before the list shows the recorded pauses. */
const scheduleTimeoutMs = 2000;

/**
 * Returns jobs, newest first, with the current pauses of their schedules, or the recorded ones while Temporal is
 * unreachable.
 */
export async function listJobs(
  { jobs, schedules }: { jobs: JobStore; schedules: Schedules },
  request: PageRequest,
): Promise<Page<ListedJob>> {
  const { items, ...more } = await jobs.list(request);
  return { ...more, items: await Promise.all(items.map((job) => withPause(schedules, job))) };
}

async function withPause(schedules: Schedules, job: Job): Promise<ListedJob> {
  if (job.jobType !== 'cron_job') return job;
  const state = await Promise.race([
    describeSchedule(schedules, job.id),
    setTimeout(scheduleTimeoutMs, undefined, { ref: false }),
  ]);
  if (!state) return job;
  const { pause, ...rest } = job;
  if (!state.paused) return rest;
  return { ...rest, pause: pause ?? { ...(state.note && { note: state.note }) } };
}

async function describeSchedule(schedules: Schedules, jobId: string) {
  try {
    return await schedules.describe(jobId);
  } catch (error) {
    if (error instanceof Fault && error.code === 'unavailable') return undefined;
    throw error;
  }
}
