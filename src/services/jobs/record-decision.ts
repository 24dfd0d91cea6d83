import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import { isEventTrigger, type TaskTrigger } from '../../model/trigger.ts';

/**
 * Records the decision about a trigger where its sender looks for it: in its deliveries, or in the events of its job.
 */
export async function recordDecision(
  { jobs, deliveries }: { jobs: JobStore; deliveries: DeliveryStore },
  jobId: string,
  trigger: TaskTrigger,
  result: { taskId?: string; decision: string },
): Promise<void> {
  if (isEventTrigger(trigger)) {
    for (const id of trigger.deliveries) await deliveries.decide(id, jobId, result);
  } else if (trigger.type === 'schedule') {
    await jobs.addEvent(jobId, { at: new Date(), message: `the run of ${trigger.nominalAt} ${result.decision}` });
  }
}
