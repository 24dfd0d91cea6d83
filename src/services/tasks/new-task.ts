import { createHash } from 'node:crypto';
import type { TaskInput } from '../../model/activities.ts';
import { Fault, faultCatalogue } from '../../model/fault.ts';
import type { Globals, StepSpec, TestFlow } from '../../model/flow.ts';
import type { Job } from '../../model/job.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import type { Task } from '../../model/task.ts';
import { checkGraph } from '../checks/run-check.ts';
import { componentsOf } from './components-of.ts';

/** Returns the n-th candidate for the testId of a task. */
export const testIdOf = (taskId: string) => (n: number) =>
  createHash('sha256').update(`${taskId}/${n}`).digest('hex').slice(0, 8);

/**
 * Creates a task with its snapshot of flow, versions and globals. If the flow was deleted or no longer fits its plugins, the
 * task has no pipeline, and the reason is returned as `fault`.
 */
export async function newTask(
  ports: { flows: FlowStore; tasks: TaskStore; siteGlobals: SiteGlobalStore },
  { job, plugins }: { job: Job; plugins: readonly Plugin[] },
  input: TaskInput,
  run: { workflowId: string; runId: string },
): Promise<{ task: Task; fault?: unknown }> {
  const [flow, site] = await Promise.all([ports.flows.get(input.testFlowId), ports.siteGlobals.get()]);
  const task: Task = { ...blankTask(job, input, run), ...(flow && { flowRevision: flow.revision }) };
  try {
    if (input.run.lockfileOf !== undefined)
      return { task: { ...task, ...(await lockedSnapshot(ports.tasks, input.run)) } };
    const existing = requireFound(flow, `test flow ${input.testFlowId} of job ${job.name}`);
    return { task: { ...task, ...(await snapshotOf(existing, { job, plugins, site: site.globalProperties }, input)) } };
  } catch (fault) {
    // A temporary fault must not be recorded as the task's result.
    if (fault instanceof Fault && faultCatalogue[fault.code].retryable) throw fault;
    return { task, fault };
  }
}

type Snapshot = Pick<Task, 'pipeline' | 'steps' | 'globals' | 'versions'>;

/** Copies flow, globals and versions of the task whose lockfile is run; values of the run itself take precedence. */
async function lockedSnapshot(tasks: TaskStore, { lockfileOf = '', versions, globalProperties }: TaskInput['run']) {
  const origin = requireFound(await tasks.get(lockfileOf), `task ${lockfileOf}, whose lockfile is to be run,`);
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

async function snapshotOf(
  flow: TestFlow,
  { job, plugins, site }: { job: Job; plugins: readonly Plugin[]; site: Globals },
  input: TaskInput,
): Promise<Snapshot> {
  const given = { ...flow.globalProperties, ...job.globalProperties, ...input.run.globalProperties };
  const { globals: own, steps: resolved } = await checkGraph(flow.graph, plugins, { ...site, ...given });
  const globals: Globals = { logLevel: 'DEBUG', ...site, ...own, ...given };
  const pipeline: StepSpec[] = resolved.map(({ step, plugin }) => ({ ...step, version: plugin.version }));
  const components = componentsOf(pipeline, job, input, plugins);
  const versions = {
    ...job.versions,
    ...input.run.versions,
    ...Object.fromEntries(components.flatMap(({ plugin, version }) => (version === '' ? [] : [[plugin, version]]))),
  };
  return { pipeline, globals, versions, steps: pipeline.map(({ instance }) => ({ instance, state: 'pending' })) };
}

function blankTask(job: Job, input: TaskInput, run: { workflowId: string; runId: string }): Task {
  return {
    id: `${job.id}-${input.number}`,
    name: `${job.name}-${input.number}`,
    number: input.number,
    jobId: job.id,
    testFlowId: input.testFlowId,
    flowRevision: 0,
    testId: '',
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
    times: { requestedAt: new Date(input.requestedAt) },
    debts: [],
    ...(input.waitsFor !== undefined && { reason: input.waitsFor }),
  };
}
