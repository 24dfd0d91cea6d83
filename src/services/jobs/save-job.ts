import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import type { Job, JobWarning, SaveJob } from '../../model/job.ts';
import { newId } from '../../model/new-id.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { Schedules } from '../../model/ports/schedules.ts';
import { requireFound } from '../../model/require-found.ts';
import { checkJob } from './check-job.ts';
import { nextRuns } from './next-runs.ts';
import { ruleWarnings } from './rule-warnings.ts';

export interface SaveJobPorts {
  jobs: JobStore;
  flows: FlowStore;
  plugins: PluginStore;
  schedules: Schedules;
  log: Logger;
}

/** A job as it was saved, with warnings about its rules. */
export type SavedJob = Job & { warnings: JobWarning[] };

/**
 * Creates a job, or replaces the job with that id, its type included; its trigger changes at once. All or nothing: the
 * schedule is created first, and undone when the job cannot be recorded. A schedule without its job starts nothing, and
 * `reconcileSchedules` removes it. Returns the job with warnings about rules that no event can match.
 * Faults: input_invalid, ref_invalid, not_found, conflict when another job has the name, unavailable.
 */
export async function saveJob(ports: SaveJobPorts, input: SaveJob, id?: string): Promise<SavedJob> {
  const flow = await checkJob(ports, input);
  const warnings = await ruleWarnings(input, flow);
  const now = new Date();
  if (id === undefined) {
    const job: Job = { ...input, id: newId(), execCount: 0, events: [], createdAt: now, updatedAt: now };
    await withSchedule(ports, job, undefined, () => ports.jobs.insert(job));
    ports.log.info({ jobId: job.id, name: job.name, jobType: job.jobType }, 'add job');
    return { ...job, warnings };
  }
  const before = requireFound(await ports.jobs.get(id), `job ${id}`);
  const pause = await currentPause(ports.schedules, before);
  const { execCount, events, createdAt } = before;
  const job: Job = { ...input, id, execCount, events, createdAt, updatedAt: now, pause };
  await withSchedule(ports, job, { ...before, pause }, async () => {
    if (pause && !before.pause) await ports.jobs.setPause(id, pause);
    if (!(await ports.jobs.replace(job))) throw new Fault('not_found', `job ${id} does not exist`);
  });
  return { ...job, warnings };
}

/** Returns the pause of a job, which survives every edit; for a cron job, the pause of its schedule. */
async function currentPause(schedules: Schedules, job: Job): Promise<Job['pause']> {
  if (job.jobType !== 'cron_job') return job.pause;
  const state = await schedules.describe(job.id);
  if (!state) return job.pause;
  if (!state.paused) return undefined;
  return job.pause ?? { by: 'Temporal', ...(state.note && { note: state.note }), at: new Date() };
}

/**
 * Sets the schedule of a job, then records the job; restores the schedule when the job cannot be recorded.
 * `reconcileSchedules` corrects a change that Temporal made without answering.
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
    await setSchedule(schedules, before, job).catch((err: unknown) =>
      log.warn({ jobId: job.id, err }, 'cannot restore the schedule of a job: the janitor will do so'),
    );
    throw error;
  }
  if (job.jobType === 'cron_job') log.info({ jobId: job.id, now: new Date(), next: nextRuns(job, 1)[0] }, 'schedule');
}

async function setSchedule(schedules: Schedules, job: Job | undefined, replaced: Job | undefined): Promise<void> {
  if (job?.jobType === 'cron_job') await schedules.ensure(job);
  else if (replaced?.jobType === 'cron_job') await schedules.remove(replaced.id);
}
