import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { Schedules } from '../../model/ports/schedules.ts';

/**
 * Deletes a job: from now on nothing starts for it, its tasks are stopped and cleaned up, then everything that is recorded
 * of it goes. Once that is on record it is done for good: where Temporal is away, `start` goes on with it. Faults: not_found.
 */
export async function deleteJob(
  {
    jobs,
    schedules,
    orchestrator,
    log,
  }: { jobs: JobStore; schedules: Schedules; orchestrator: Orchestrator; log: Logger },
  jobId: string,
): Promise<void> {
  found((await jobs.markDeleting(jobId)) || undefined, `job ${jobId}`);
  try {
    await schedules.remove(jobId);
    await orchestrator.deleteJob(jobId);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'unavailable') throw error;
    log.warn({ job: jobId, err: error }, 'Temporal is away: the job is deleted once it is back');
  }
}
