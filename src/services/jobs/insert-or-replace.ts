import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { Job, JobWarning, SaveJob } from '../../model/job.ts';
import { newId } from '../../model/new-id.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { Schedules } from '../../model/ports/schedules.ts';
import { checkJob } from './check-job.ts';
import { ruleWarnings } from './rule-warnings.ts';
import { nextRuns } from './times-of-job.ts';

export interface SaveJobPorts {
  jobs: JobStore;
  flows: FlowStore;
  plugins: PluginStore;
  schedules: Schedules;
  log: Logger;
}

/** A job as its saving answers with it. */
export type SavedJob = Job & { warnings: JobWarning[] };

/**
 * Checks and records a new job, or edits the one with that id, its type too; what it is triggered by changes at once, and
 * nothing of what triggered it before stays. All or nothing: the schedule is made first, and undone when the job cannot be
 * recorded. A schedule without its job starts nothing, and `start` makes it what the record says. Returns the job with
 * warnings about rules that nothing matches.
 * Faults: input_invalid, ref_invalid, not_found, conflict when another job has the name, unavailable.
 */
export async function insertOrReplace(ports: SaveJobPorts, input: SaveJob, id?: string): Promise<SavedJob> {
  const flow = await checkJob(ports, input);
  const warnings = await ruleWarnings(input, flow);
  const now = new Date();
  if (id === undefined) {
    const job: Job = { ...input, id: newId(), execCount: 0, events: [], createdAt: now, updatedAt: now };
    await withSchedule(ports, job, undefined, () => ports.jobs.insert(job));
    ports.log.info({ job: job.id, name: job.name, jobType: job.jobType }, 'add job');
    return { ...job, warnings };
  }
  const before = found(await ports.jobs.get(id), `job ${id}`);
  const kept = await pauseOf(ports.schedules, before);
  const { execCount, events, createdAt } = before;
  const job: Job = { ...input, id, execCount, events, createdAt, updatedAt: now, ...(kept && { pause: kept }) };
  await withSchedule(ports, job, { ...before, pause: kept }, async () => {
    if (kept && !before.pause) await ports.jobs.setPause(id, kept);
    if (!(await ports.jobs.replace(job))) throw new Fault('not_found', `job ${id} does not exist`);
  });
  return { ...job, warnings };
}

/** A pause survives every edit; that of a cron job is what its schedule says. */
async function pauseOf(schedules: Schedules, job: Job): Promise<Job['pause']> {
  if (job.jobType !== 'cron_job') return job.pause;
  const state = await schedules.describe(job.id);
  if (!state) return job.pause;
  if (!state.paused) return undefined;
  return job.pause ?? { by: 'Temporal', ...(state.note && { note: state.note }), at: new Date() };
}

/**
 * Makes the schedule what the job wants, then records the job; one that cannot be recorded leaves the schedule as it was. What
 * Temporal did although it did not answer, `start` sets right.
 */
async function withSchedule(
  { schedules, log }: SaveJobPorts,
  job: Job,
  before: Job | undefined,
  record: () => Promise<void>,
): Promise<void> {
  await setSchedule(schedules, job, before);
  try {
    await record();
  } catch (error) {
    await setSchedule(schedules, before, job).catch((reason: unknown) =>
      log.warn({ job: job.id, err: reason }, 'a schedule could not be undone: the janitor does it'),
    );
    throw error;
  }
  if (job.jobType === 'cron_job') log.info({ job: job.id, now: new Date(), next: nextRuns(job, 1)[0] }, 'schedule');
}

async function setSchedule(schedules: Schedules, job: Job | undefined, instead: Job | undefined): Promise<void> {
  if (job?.jobType === 'cron_job') await schedules.ensure(job);
  else if (instead?.jobType === 'cron_job') await schedules.remove(instead.id);
}
