import type { OpenTaskInput, TaskComponent, TaskPlan } from '../../model/activities.ts';
import { parseHold } from '../../model/hold.ts';
import type { Job } from '../../model/job.ts';
import type { Task } from '../../model/task.ts';

/** Returns the plan for the workflow of a recorded task. */
export function createTaskPlan(
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
    retries: policy.retry,
    holdMs: parseHold(run.holdOnFailure ?? policy.holdOnFailure ?? '0s') ?? 0,
  };
}
