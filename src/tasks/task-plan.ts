import type { TaskComponent, TaskInput, TaskPlan } from '../model/activities.ts';
import { holdMs } from '../model/hold.ts';
import type { Job } from '../model/job.ts';
import type { Task } from '../model/task.ts';

/** What the workflow of a recorded task needs to know. */
export function planOf(task: Task, { policy }: Job, { run }: TaskInput, components: TaskComponent[]): TaskPlan {
  return {
    testId: task.testId,
    timeoutMs: policy.timeoutSeconds * 1000,
    components,
    versions: task.versions,
    instances: task.pipeline.map((step) => step.instance),
    needs: Object.fromEntries(task.pipeline.flatMap(({ instance, needs }) => (needs ? [[instance, needs]] : []))),
    ...(policy.retry && { retries: policy.retry }),
    holdMs: holdMs(run.holdOnFailure ?? policy.holdOnFailure ?? '0s') ?? 0,
  };
}
