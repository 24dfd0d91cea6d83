import type { Orchestrator, Schedules } from '../model/durable-ports.ts';
import { found } from '../model/found.ts';
import type { JobStore } from '../model/ports.ts';

/**
 * Deletes a job: from now on nothing starts for it, its tasks are stopped and cleaned up, then everything that is recorded
 * of it goes. Returns once that is under way for good; asked again, it goes on. Faults: not_found, unavailable.
 */
export async function deleteJob(
  { jobs, schedules, orchestrator }: { jobs: JobStore; schedules: Schedules; orchestrator: Orchestrator },
  jobId: string,
): Promise<void> {
  found((await jobs.markDeleting(jobId)) || undefined, `job ${jobId}`);
  await schedules.remove(jobId);
  await orchestrator.deleteJob(jobId);
}
