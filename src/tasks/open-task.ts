import { createHash } from 'node:crypto';
import { parseGraph } from '../flows/parse-graph.ts';
import { validateGraph } from '../flows/validate-graph.ts';
import type { TaskInput, TaskPlan } from '../model/activities.ts';
import { Fault } from '../model/fault.ts';
import type { Globals, StepSpec, TestFlow } from '../model/flow.ts';
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
 * the task name it. Repeated, it returns the same.
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
  if (!flow) {
    await ports.tasks.open(blank, salt);
    throw new Fault('not_found', `test flow ${input.testFlowId} of job ${job.name} does not exist any more`);
  }
  let snapshot: Snapshot;
  try {
    snapshot = snapshotOf(flow, job, input, plugins);
  } catch (error) {
    await ports.tasks.open({ ...blank, flowRevision: flow.revision }, salt);
    throw error;
  }
  const task = await ports.tasks.open({ ...blank, flowRevision: flow.revision, ...snapshot.recorded }, salt);
  return {
    testId: task.testId,
    timeoutMs: job.policy.timeoutSeconds * 1000,
    components: snapshot.components,
    versions: task.versions,
    instances: snapshot.recorded.pipeline.map((step) => step.instance),
  };
}

type Buildable = Plugin & { repo: string; imageTarget: string };

interface Snapshot {
  recorded: Pick<Task, 'pipeline' | 'steps' | 'globals' | 'versions'>;
  components: TaskPlan['components'];
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
  const used = new Map(resolved.map(({ plugin }) => [plugin.name, plugin]));
  const pipeline: StepSpec[] = resolved.map(({ step, plugin }) => ({ ...step, version: plugin.version }));
  const buildable = [...used.values()].filter((plugin): plugin is Buildable => isBuildable(plugin));
  const components = buildable.map((plugin) => componentOf(plugin, job, input));
  const versions = {
    ...job.versions,
    ...input.run.versions,
    ...Object.fromEntries(components.flatMap(({ plugin, version }) => (version === '' ? [] : [[plugin, version]]))),
  };
  return {
    recorded: { pipeline, globals, versions, steps: pipeline.map(({ instance }) => ({ instance, state: 'pending' })) },
    components,
  };
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
