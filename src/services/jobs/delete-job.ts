import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { Schedules } from '../../model/ports/schedules.ts';
import { requireFound } from '../../model/require-found.ts';

/**
 * Deletes a job: nothing starts for it any more, its tasks are stopped and cleaned up, then all its records are
 * removed. Cannot be undone once it is recorded: `reconcileSchedules` continues it when Temporal was unreachable.
 * Faults: not_found.
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
  requireFound((await jobs.markDeleting(jobId)) || undefined, `job ${jobId}`);
  try {
    await schedules.remove(jobId);
    await orchestrator.deleteJob(jobId);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'unavailable') throw error;
    log.warn({ jobId, err: error }, 'cannot reach Temporal: the job is deleted once it is reachable');
  }
}
