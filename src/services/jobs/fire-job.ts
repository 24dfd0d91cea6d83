import type { Logger } from 'pino';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import { isStrayRun } from './next-runs.ts';

export interface FireJobPorts {
  jobs: JobStore;
  orchestrator: Orchestrator;
  log: Logger;
}

/**
 * Triggers the entity of a job for one time of its schedule, once for each time. Starts nothing for a schedule whose
 * job is gone, nor at a time that the job skips because of a clock change.
 */
export async function fireJob(
  { jobs, orchestrator, log }: FireJobPorts,
  jobId: string,
  nominalAt: string,
): Promise<void> {
  const job = await jobs.get(jobId);
  if (job?.jobType !== 'cron_job') {
    log.warn({ jobId, nominalAt }, 'schedule fired for a missing or non-cron job');
    return;
  }
  if (isStrayRun(job, new Date(nominalAt))) {
    log.info({ jobId, nominalAt }, 'schedule fired at a time that the job skips because of a clock change');
    return;
  }
  log.info({ jobId, name: job.name, nominalAt }, 'start cron job worker');
  await orchestrator.triggerJob(job, { trigger: { type: 'schedule', nominalAt }, key: `schedule/${nominalAt}` });
}
