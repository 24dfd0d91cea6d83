import type { OpenTaskInput, TaskInput, TaskPlan } from '../../model/activities.ts';
import { Fault } from '../../model/fault.ts';
import type { Job } from '../../model/job.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { Task } from '../../model/task.ts';
import { isEventTrigger } from '../../model/trigger.ts';
import { claimTask } from './claim-task.ts';
import { componentsOf, lockedComponents } from './components-of.ts';
import { newTask, testIdOf } from './new-task.ts';
import { reopenTask } from './reopen-task.ts';
import { createTaskPlan } from './task-plan.ts';

export interface OpenTaskPorts {
  jobs: JobStore;
  flows: FlowStore;
  siteGlobals: SiteGlobalStore;
  plugins: PluginStore;
  tasks: TaskStore;
  deliveries: DeliveryStore;
}

/**
 * Records a task with its snapshot of flow, versions and globals, and returns the plan for its workflow. A task whose flow no
 * longer fits its plugins is recorded too, so that its fault is shown and the deliveries that started it name it. An accepted
 * task is on record already and is claimed; returns undefined when it was withdrawn or stopped before. Idempotent, also when
 * the flow was edited or deleted meanwhile.
 * Faults: not_found, flow_invalid.
 */
export async function openTask(
  ports: OpenTaskPorts,
  input: OpenTaskInput,
  run: { workflowId: string; runId: string },
): Promise<TaskPlan | undefined> {
  const taskId = `${input.jobId}-${input.number}`;
  if (input.startId !== undefined) {
    const claimed = { ...run, at: new Date(), reason: input.waitsFor };
    if (!(await ports.tasks.claim(taskId, input.startId, claimed))) return undefined;
  }
  const [job, plugins] = await Promise.all([ports.jobs.get(input.jobId), ports.plugins.list()]);
  if (!job) throw new Fault('not_found', `job ${input.jobId} no longer exists`);
  if (input.retry) return reopenTask(ports, { job, plugins, retry: input.retry }, input, run);
  const { task, fault } =
    input.startId === undefined
      ? await recordTask(ports, { job, plugins }, input, run)
      : await claimTask(ports, { job, plugins }, input, run);
  if (task.pipeline.length === 0) throw fault ?? flowNotRunnable(task);
  const origin = task.lockfileOf === undefined ? undefined : await ports.tasks.get(task.lockfileOf);
  const components = origin
    ? lockedComponents(origin, plugins, input.run.versions)
    : componentsOf(task.pipeline, job, input, plugins);
  return createTaskPlan(task, job, input, components);
}

/** Records the task. If an earlier try has recorded it, returns that record, which is what runs. */
async function recordTask(
  ports: OpenTaskPorts,
  known: { job: Job; plugins: readonly Plugin[] },
  input: TaskInput,
  run: { workflowId: string; runId: string },
): Promise<{ task: Task; fault?: unknown }> {
  const { id: jobId } = known.job;
  const taskId = `${jobId}-${input.number}`;
  await ports.jobs.countRun(jobId, input.number);
  const { task: wanted, fault } = await newTask(ports, known, input, run);
  wanted.times.startedAt = new Date();
  const task = await ports.tasks.open(wanted, testIdOf(taskId));
  // Last, so that a task named by a delivery always exists.
  if (isEventTrigger(input.trigger)) {
    for (const id of input.trigger.deliveries)
      await ports.deliveries.decide(id, jobId, { taskId, decision: 'started' });
  }
  return { task, fault };
}

/** Returns the fault of a task whose flow was fixed between two tries. */
function flowNotRunnable({ flowRevision, testFlowId, name }: Task): Fault {
  const message = `revision ${flowRevision} of test flow ${testFlowId} could not be run when ${name} began`;
  return new Fault('flow_invalid', message, { hint: 'run the job again: the flow has been edited since' });
}
