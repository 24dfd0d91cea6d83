import { createHash } from 'node:crypto';
import { parseGraph } from '../flows/parse-graph.ts';
import { validateGraph } from '../flows/validate-graph.ts';
import type { TaskInput, TaskPlan } from '../model/activities.ts';
import { Fault } from '../model/fault.ts';
import type { Globals, StepSpec, TestFlow } from '../model/flow.ts';
import { found } from '../model/found.ts';
import type { Job } from '../model/job.ts';
import type { Plugin } from '../model/plugin.ts';
import type { DeliveryStore, FlowStore, JobStore, PluginStore, TaskStore } from '../model/ports.ts';
import type { Task } from '../model/task.ts';
import { isEvent } from '../model/trigger.ts';
import { componentsOf, lockedComponents } from './components-of.ts';
import { reopenTask } from './reopen-task.ts';
import { planOf } from './task-plan.ts';

export interface OpenTaskPorts {
  jobs: JobStore;
  flows: FlowStore;
  plugins: PluginStore;
  tasks: TaskStore;
  deliveries: DeliveryStore;
}

/**
 * Records a task with its snapshot of flow, versions and globals, and returns what its workflow needs to know. A flow that
 * no longer fits its plugins is recorded too, so that the fault has a task to be shown on, and the deliveries that started
 * the task name it. Repeated, it returns the same, also when the flow was edited or deleted meanwhile.
 * Faults: not_found, flow_invalid.
 */
export async function openTask(
  ports: OpenTaskPorts,
  input: TaskInput,
  run: { workflowId: string; runId: string },
): Promise<TaskPlan> {
  const [job, flow, plugins] = await Promise.all([
    ports.jobs.get(input.jobId),
    ports.flows.get(input.testFlowId),
    ports.plugins.list(),
  ]);
  if (!job) throw new Fault('not_found', `job ${input.jobId} does not exist any more`);
  if (input.retry) return reopenTask(ports, { job, plugins, retry: input.retry }, input, run);
  const taskId = `${job.id}-${input.number}`;
  const salt = (n: number) => createHash('sha256').update(`${taskId}/${n}`).digest('hex').slice(0, 8);
  const blank = blankTask(job, input, run, salt(0));
  await ports.jobs.countRun(job.id, input.number);
  if (isEvent(input.trigger)) {
    for (const id of input.trigger.deliveries)
      await ports.deliveries.decide(id, job.id, { taskId, decision: 'started' });
  }
  let wanted: Task = { ...blank, ...(flow && { flowRevision: flow.revision }) };
  let fault: unknown;
  try {
    if (input.run.lockfileOf !== undefined) wanted = { ...wanted, ...(await sameAs(ports.tasks, input.run)) };
    else {
      const existing = found(flow, `test flow ${input.testFlowId} of job ${job.name}`);
      wanted = { ...wanted, ...snapshotOf(existing, job, input, plugins) };
    }
  } catch (error) {
    fault = error;
  }
  // What an earlier try recorded is what runs: the answer is made from the record alone.
  const task = await ports.tasks.open(wanted, salt);
  if (task.pipeline.length === 0) throw fault ?? couldNotRun(task);
  const origin = task.lockfileOf === undefined ? undefined : await ports.tasks.get(task.lockfileOf);
  const components = origin
    ? lockedComponents(origin, plugins, input.run.versions)
    : componentsOf(task.pipeline, job, input, plugins);
  return planOf(task, job, input, components);
}

/** Of a flow that was mended between two tries of one task. */
function couldNotRun({ flowRevision, testFlowId, name }: Task): Fault {
  const message = `revision ${flowRevision} of test flow ${testFlowId} could not be run when ${name} began`;
  return new Fault('flow_invalid', message, { hint: 'run the job again: the flow was edited since' });
}

type Snapshot = Pick<Task, 'pipeline' | 'steps' | 'globals' | 'versions'>;

/** Flow, globals and versions of the task whose lockfile is run, but for what this run asks for. */
async function sameAs(tasks: TaskStore, { lockfileOf = '', versions, globalProperties }: TaskInput['run']) {
  const origin = found(await tasks.get(lockfileOf), `task ${lockfileOf}, whose lockfile is to be run,`);
  const { testFlowId, flowRevision, pipeline, globals } = origin;
  return {
    testFlowId,
    flowRevision,
    pipeline,
    steps: pipeline.map(({ instance }) => ({ instance, state: 'pending' as const })),
    globals: { ...globals, ...globalProperties },
    versions: { ...origin.versions, ...versions },
    lockfileOf,
  };
}

function snapshotOf(flow: TestFlow, job: Job, input: TaskInput, plugins: readonly Plugin[]): Snapshot {
  const parsed = parseGraph(flow.graph);
  const globals: Globals = {
    logLevel: 'DEBUG',
    ...parsed.graph.globals,
    ...flow.globalProperties,
    ...job.globalProperties,
    ...input.run.globalProperties,
  };
  const resolved = validateGraph(parsed, plugins, { globals });
  const pipeline: StepSpec[] = resolved.map(({ step, plugin }) => ({ ...step, version: plugin.version }));
  const components = componentsOf(pipeline, job, input, plugins);
  const versions = {
    ...job.versions,
    ...input.run.versions,
    ...Object.fromEntries(components.flatMap(({ plugin, version }) => (version === '' ? [] : [[plugin, version]]))),
  };
  return { pipeline, globals, versions, steps: pipeline.map(({ instance }) => ({ instance, state: 'pending' })) };
}

function blankTask(job: Job, input: TaskInput, run: { workflowId: string; runId: string }, testId: string): Task {
  return {
    id: `${job.id}-${input.number}`,
    name: `${job.name}-${input.number}`,
    number: input.number,
    jobId: job.id,
    testFlowId: input.testFlowId,
    flowRevision: 0,
    testId,
    state: 'init',
    attempt: 1,
    attempts: [],
    trigger: input.trigger,
    versions: { ...job.versions, ...input.run.versions },
    commits: {},
    components: [],
    globals: {},
    pipeline: [],
    steps: [],
    workflowId: run.workflowId,
    runId: run.runId,
    times: { requestedAt: new Date(input.requestedAt), startedAt: new Date() },
    debts: [],
    ...(input.waitsFor !== undefined && { reason: input.waitsFor }),
  };
}
