import type { Logger } from 'pino';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { Schedules } from '../../model/ports/schedules.ts';

export interface StartPorts {
  jobs: JobStore;
  schedules: Schedules;
  orchestrator: Orchestrator;
  log: Logger;
}

export interface Started {
  repaired: string[];
  removed: string[];
  /** Jobs whose schedule could not be made, with the reason. */
  broken: { jobId: string; reason: string }[];
}

/** Milliseconds after which a schedule without a job is one that stays so. */
const newFor = 60_000;

/**
 * Makes Temporal's schedules equal to the jobs: a missing or differing one is mended, with an event of the job, a stray one
 * removed; a pause stays as it is. A broken job is reported and holds nobody up. Run at every start and by the janitor.
 */
export async function start({ jobs, schedules, orchestrator, log }: StartPorts): Promise<Started> {
  const started: Started = { repaired: [], removed: [], broken: [] };
  const found = await schedules.list();
  for (const job of await jobs.all(['cron_job'])) {
    try {
      const done = await schedules.ensure(job);
      if (done === 'unchanged') continue;
      if (done === 'refreshed') {
        log.info({ job: job.id }, 'the schedule of a job is made for a later time');
        continue;
      }
      log.warn({ job: job.id, done }, 'the schedule of a job was mended');
      const message =
        done === 'created' ? 'its schedule was missing, and is made anew' : 'its schedule differed, and is mended';
      await jobs.addEvent(job.id, { at: new Date(), message });
      started.repaired.push(job.id);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ job: job.id, reason }, 'the schedule of a job cannot be made');
      started.broken.push({ jobId: job.id, reason });
    }
  }
  for (const jobId of found) {
    // The list may be older than the job: what decides is the record.
    const job = await jobs.get(jobId);
    if (job?.jobType === 'cron_job') continue;
    const state = await schedules.describe(jobId);
    // A schedule is made before its job is recorded.
    if (!state || Date.now() - state.createdAt.getTime() < newFor) continue;
    await schedules.remove(jobId);
    log.warn({ job: jobId }, 'a schedule without a job is removed');
    started.removed.push(jobId);
  }
  // One whose deletion was interrupted; its entity does what is left.
  for (const jobId of await jobs.deleting()) await orchestrator.deleteJob(jobId);
  return started;
}
