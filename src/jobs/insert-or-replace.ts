import type { Logger } from 'pino';
import type { Schedules } from '../model/durable-ports.ts';
import { Fault } from '../model/fault.ts';
import { found } from '../model/found.ts';
import type { Job, SaveJob } from '../model/job.ts';
import { newId } from '../model/new-id.ts';
import type { FlowStore, JobStore } from '../model/ports.ts';
import { checkJob } from './check-job.ts';

export interface SaveJobPorts {
  jobs: JobStore;
  flows: FlowStore;
  schedules: Schedules;
  log: Logger;
}

/**
 * Checks and records a new job, or edits the one with that id, its type too; what it is triggered by changes at once, and
 * nothing of what triggered it before stays. When Temporal does not answer, the record stands and `start` makes the schedule.
 * Faults: input_invalid, ref_invalid, not_found, conflict when another job has the name, unavailable.
 */
export async function insertOrReplace(ports: SaveJobPorts, input: SaveJob, id?: string): Promise<Job> {
  await checkJob(ports.flows, input);
  const now = new Date();
  if (id === undefined) {
    const job: Job = { ...input, id: newId(), execCount: 0, events: [], createdAt: now, updatedAt: now };
    await ports.jobs.insert(job);
    ports.log.info({ job: job.id, name: job.name, jobType: job.jobType }, 'add job');
    await schedule(ports, job, undefined);
    return job;
  }
  const before = found(await ports.jobs.get(id), `job ${id}`);
  const kept = await pauseOf(ports.schedules, before);
  const { execCount, events, createdAt } = before;
  const job: Job = { ...input, id, execCount, events, createdAt, updatedAt: now, ...(kept && { pause: kept }) };
  if (!(await ports.jobs.replace(job))) throw new Fault('not_found', `job ${id} does not exist`);
  if (kept && !before.pause) await ports.jobs.setPause(id, kept);
  await schedule(ports, job, before);
  return job;
}

/** A pause survives every edit; that of a cron job is what its schedule says. */
async function pauseOf(schedules: Schedules, job: Job): Promise<Job['pause']> {
  if (job.jobType !== 'cron_job') return job.pause;
  const state = await schedules.describe(job.id);
  if (!state) return job.pause;
  if (!state.paused) return undefined;
  return job.pause ?? { by: 'Temporal', ...(state.note && { note: state.note }), at: new Date() };
}

async function schedule({ schedules, log }: SaveJobPorts, job: Job, before: Job | undefined): Promise<void> {
  if (job.jobType === 'cron_job') {
    await schedules.ensure(job);
    const next = (await schedules.describe(job.id))?.next[0];
    log.info({ job: job.id, now: new Date(), next }, 'schedule');
  } else if (before?.jobType === 'cron_job') await schedules.remove(job.id);
}
