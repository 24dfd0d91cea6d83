import { createHash } from 'node:crypto';
import { parseGraph } from '../flows/parse-graph.ts';
import { validateGraph } from '../flows/validate-graph.ts';
import type { TaskInput, TaskPlan } from '../model/activities.ts';
import { Fault } from '../model/fault.ts';
import type { Globals, StepSpec, TestFlow } from '../model/flow.ts';
import { found } from '../model/found.ts';
import { holdMs } from '../model/hold.ts';
import type { Job } from '../model/job.ts';
import { isBuildable, type Plugin } from '../model/plugin.ts';
import type { DeliveryStore, FlowStore, JobStore, PluginStore, TaskStore } from '../model/ports.ts';
import { repositoryName } from '../model/repository-name.ts';
import type { Task } from '../model/task.ts';
import { changedVersion, isEvent } from '../model/trigger.ts';

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
    const existing = found(flow, `test flow ${input.testFlowId} of job ${job.name}`);
    wanted = { ...wanted, ...snapshotOf(existing, job, input, plugins) };
  } catch (error) {
    fault = error;
  }
  // What an earlier try recorded is what runs: the answer is made from the record alone.
  const task = await ports.tasks.open(wanted, salt);
  if (task.pipeline.length === 0) throw fault ?? couldNotRun(task);
  return {
    testId: task.testId,
    timeoutMs: job.policy.timeoutSeconds * 1000,
    components: componentsOf(task.pipeline, job, input, plugins),
    versions: task.versions,
    instances: task.pipeline.map((step) => step.instance),
    holdMs: holdMs(input.run.holdOnFailure ?? job.policy.holdOnFailure ?? '0s') ?? 0,
  };
}

/** Of a flow that was mended between two tries of one task. */
function couldNotRun({ flowRevision, testFlowId, name }: Task): Fault {
  const message = `revision ${flowRevision} of test flow ${testFlowId} could not be run when ${name} began`;
  return new Fault('flow_invalid', message, { hint: 'run the job again: the flow was edited since' });
}

type Buildable = Plugin & { repo: string; imageTarget: string };
type Snapshot = Pick<Task, 'pipeline' | 'steps' | 'globals' | 'versions'>;

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

/** The components that the steps' plugins build; of a plugin with several versions, the last one in the flow says how. */
function componentsOf(pipeline: readonly StepSpec[], job: Job, input: TaskInput, plugins: readonly Plugin[]) {
  const used = new Map(
    pipeline.map((step) => [
      step.plugin,
      plugins.find((one) => one.name === step.plugin && one.version === step.version),
    ]),
  );
  const buildable = [...used.values()].filter((one): one is Buildable => one !== undefined && isBuildable(one));
  return buildable.map((plugin) => componentOf(plugin, job, input));
}

/** Of its version, the trigger says most, then this run, then the job; a tag job that is run by hand takes the newest tag. */
function componentOf({ name, repo }: Buildable, job: Job, { trigger, run }: TaskInput) {
  const asked = changedVersion(trigger, repo) ?? run.versions[name];
  const rule = job.tagCreateEventMatches?.find((tag) => repositoryName(tag.repo) === repositoryName(repo));
  const newest = trigger.type === 'manual' && asked === undefined && rule !== undefined;
  return {
    plugin: name,
    repo,
    version: asked ?? job.versions[name] ?? '',
    ...(newest && { tagPattern: rule.tagPattern }),
  };
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
