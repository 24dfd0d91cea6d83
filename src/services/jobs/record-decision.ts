import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import { isEvent, type TaskTrigger } from '../../model/trigger.ts';

/** Writes what became of a trigger to where its sender looks: its deliveries, or the events of its job. */
export async function recordDecision(
  { jobs, deliveries }: { jobs: JobStore; deliveries: DeliveryStore },
  jobId: string,
  trigger: TaskTrigger,
  result: { taskId?: string; decision: string },
): Promise<void> {
  if (isEvent(trigger)) {
    for (const id of trigger.deliveries) await deliveries.decide(id, jobId, result);
  } else if (trigger.type === 'schedule') {
    await jobs.addEvent(jobId, { at: new Date(), message: `the run of ${trigger.nominalAt} ${result.decision}` });
  }
}
