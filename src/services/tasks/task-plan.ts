import type { OpenTaskInput, TaskComponent, TaskPlan } from '../../model/activities.ts';
import { holdMs } from '../../model/hold.ts';
import type { Job } from '../../model/job.ts';
import type { Task } from '../../model/task.ts';

/** What the workflow of a recorded task needs to know. */
export function planOf(
  task: Task,
  { policy }: Job,
  { run, recordsSteps }: OpenTaskInput,
  components: TaskComponent[],
): TaskPlan {
  const { pipeline } = task;
  return {
    testId: task.testId,
    timeoutMs: policy.timeoutSeconds * 1000,
    components,
    versions: task.versions,
    ...(!recordsSteps && {
      instances: pipeline.map((step) => step.instance),
      needs: Object.fromEntries(pipeline.flatMap(({ instance, needs }) => (needs ? [[instance, needs]] : []))),
    }),
    ...(policy.retry && { retries: policy.retry }),
    holdMs: holdMs(run.holdOnFailure ?? policy.holdOnFailure ?? '0s') ?? 0,
  };
}
