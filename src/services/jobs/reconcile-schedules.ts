import type { Logger } from 'pino';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { Schedules } from '../../model/ports/schedules.ts';

export interface ReconcileSchedulesPorts {
  jobs: JobStore;
  schedules: Schedules;
  orchestrator: Orchestrator;
  log: Logger;
}

export interface ReconcileResult {
  repaired: string[];
  removed: string[];
  /** Jobs whose schedule cannot be created, with the reason. */
  broken: { jobId: string; reason: string }[];
}

/** Age after which a schedule without a job is stray: a schedule is created before its job is recorded. */
const strayAfterMs = 60_000;

/**
 * Reconciles Temporal's schedules with the jobs: repairs missing and differing schedules, with an event of the job,
 * removes stray ones, and keeps pauses. Reports a broken job and goes on. Runs at every program start and in the
 * janitor.
 */
export async function reconcileSchedules({
  jobs,
  schedules,
  orchestrator,
  log,
}: ReconcileSchedulesPorts): Promise<ReconcileResult> {
  const started: ReconcileResult = { repaired: [], removed: [], broken: [] };
  const found = await schedules.list();
  for (const job of await jobs.all(['cron_job'])) {
    try {
      const done = await schedules.ensure(job);
      if (done === 'unchanged') continue;
      if (done === 'refreshed') {
        log.info({ jobId: job.id }, 'moved the schedule of a job to a later period');
        continue;
      }
      log.warn({ jobId: job.id, done }, 'repaired the schedule of a job');
      const message =
        done === 'created' ? 'its schedule was missing and was re-created' : 'its schedule differed and was repaired';
      await jobs.addEvent(job.id, { at: new Date(), message });
      started.repaired.push(job.id);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ jobId: job.id, reason }, 'cannot create the schedule of a job');
      started.broken.push({ jobId: job.id, reason });
    }
  }
  for (const jobId of found) {
    // The list may be older than the job: the record decides.
    const job = await jobs.get(jobId);
    if (job?.jobType === 'cron_job') continue;
    const state = await schedules.describe(jobId);
    if (!state || Date.now() - state.createdAt.getTime() < strayAfterMs) continue;
    await schedules.remove(jobId);
    log.warn({ jobId }, 'removed a schedule without a job');
    started.removed.push(jobId);
  }
  // Continues interrupted deletions: the entity of the job does the rest.
  for (const jobId of await jobs.deleting()) await orchestrator.deleteJob(jobId);
  return started;
}
