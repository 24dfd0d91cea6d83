import type { Logger } from 'pino';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import { isStrayRun } from './times-of-job.ts';

export interface FireJobPorts {
  jobs: JobStore;
  orchestrator: Orchestrator;
  log: Logger;
}

/**
 * Hands a time of a job's schedule to its entity, each time once. A schedule that has outlived its job starts nothing, nor
 * does a time that the job leaves out where the clock changes.
 */
export async function fireJob(
  { jobs, orchestrator, log }: FireJobPorts,
  jobId: string,
  nominalAt: string,
): Promise<void> {
  const job = await jobs.get(jobId);
  if (job?.jobType !== 'cron_job') {
    log.warn({ job: jobId, nominalAt }, 'a schedule without its cron job fired');
    return;
  }
  if (isStrayRun(job, new Date(nominalAt))) {
    log.info({ job: jobId, nominalAt }, 'a schedule fired at a time that its job leaves out, as the clock changes');
    return;
  }
  log.info({ job: jobId, name: job.name, nominalAt }, 'start cron job worker');
  await orchestrator.triggerJob(job, { trigger: { type: 'schedule', nominalAt }, key: `schedule/${nominalAt}` });
}
