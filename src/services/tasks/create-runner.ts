import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from 'pino';
import { renderRunner } from '../../language/manifests/render-runner.ts';
import type { RunnerRef, RunnerSpec, Runtime } from '../../model/engine/runtime.ts';
import { selectReusableSteps } from '../../model/failed-steps.ts';
import { Fault } from '../../model/fault.ts';
import type { Versions } from '../../model/job.ts';
import type { Resources } from '../../model/placement.ts';
import type { OutputStore } from '../../model/ports/outputs.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { type RunIdentity, runnerName } from '../../model/run.ts';
import type { Task } from '../../model/task.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { type WorkStep, workPaths } from '../../model/work.ts';
import { findSecrets } from '../flows/find-secrets.ts';
import { planComponents } from '../flows/plan-components.ts';
import { readSecrets } from '../secrets/read-secrets.ts';

export interface CreateRunnerPorts {
  tasks: TaskStore;
  plugins: PluginStore;
  outputs: OutputStore;
  runtime: Runtime;
  log: Logger;
  settings: RunnerSettings;
}

interface RunnerSettings {
  /** Path of the Pod template, read for every runner, so that an edit takes effect at once. */
  template: string;
  namespace: string;
  registry: string;
  pluginStore: string;
  secretStore: string;
  /** Texts that no log of a task may show, besides its secrets. */
  hidden?: readonly string[];
  /** Default resources of runners and components. */
  runnerResources?: Resources | undefined;
  componentResources?: Resources | undefined;
  /** Image of BrightBird's own runner, for templates without an image. */
  runnerImage(): Promise<string>;
}

export interface RunnerRequest {
  run: RunIdentity;
  mark: string;
  commits: Versions;
  images: Versions;
  /** True to continue in the environment of the previous attempt: steps that succeeded there do not run again. */
  goesOn?: boolean;
  /** Attempts whose edited inputs apply, in their order. */
  inputsOf?: readonly number[];
  /** Same as the two above, from workflows of releases that kept the steps themselves. */
  earlier?: readonly string[];
  inputs?: Record<string, Record<string, unknown>>;
  onWaits?: OnWaits;
}

/**
 * Renders the Pod template for one attempt of a task and creates its runner, or adopts the runner of the same attempt. Steps
 * that do not run again keep their outputs of earlier attempts.
 */
export async function createRunner(
  ports: CreateRunnerPorts,
  request: RunnerRequest,
  signal: AbortSignal,
): Promise<RunnerRef> {
  const { settings, log, runtime } = ports;
  const { run } = request;
  const [task, text, runnerImage] = await Promise.all([
    ports.tasks.get(run.taskId),
    readFile(settings.template, 'utf8'),
    settings.runnerImage(),
  ]);
  if (!task) throw new Fault('not_found', `task ${run.taskId} has no record`);
  const inputs = { ...editedInputs(task, request.inputsOf ?? []), ...request.inputs };
  const pipeline = task.pipeline.map((step) => ({ ...step, input: inputs[step.instance] ?? step.input }));
  const steps = await Promise.all(pipeline.map((step) => workStep(ports.plugins, step)));
  const kept = request.goesOn ? keptBefore(task, run.attempt) : request.earlier;
  const earlier = kept && (await carryOutputs(ports, request, kept));
  const deploys = steps.some(({ def, engineAccess }) => def.pluginType === 'Deployer' || engineAccess);
  const manifest = renderRunner({
    template: { name: basename(settings.template), text },
    values: {
      NameSpace: settings.namespace,
      Registry: settings.registry,
      TestID: run.testId,
      ReTry: run.attempt,
      Args: JSON.stringify(`--work=${workPaths.file}`),
    },
    run,
    runnerImage,
    resources: settings.runnerResources,
  });
  log.info(
    { taskId: run.taskId, pod: runnerName(run), steps: steps.length, image: manifest.spec.containers[0]?.image },
    'scriptRunner config',
  );
  log.info({ taskId: run.taskId, pod: runnerName(run) }, 'Creating scriptRunner');
  const spec: RunnerSpec = {
    ...run,
    manifest,
    work: { ...workFile(task, request, settings, steps), ...earlier },
    files: programs(steps, settings),
    secrets: await readSecrets(settings.secretStore, findSecrets(steps)),
    deploys,
    components: planComponents({ steps, globals: task.globals, testId: run.testId }),
  };
  const runner = await runtime.createRunner(spec, signal, request.onWaits);
  log.info({ taskId: run.taskId, pod: runner.name, uid: runner.uid }, 'Created scriptRunner');
  return runner;
}

function editedInputs({ attempts }: Task, numbers: readonly number[]): Record<string, Record<string, unknown>> {
  const edited = attempts.filter(({ attempt }) => numbers.includes(attempt));
  return Object.fromEntries(edited.flatMap(({ from, input }) => (from !== undefined && input ? [[from, input]] : [])));
}

function keptBefore({ attempts, pipeline }: Task, attempt: number): string[] {
  const before = attempts.find((one) => one.attempt === attempt - 1);
  return selectReusableSteps(pipeline, before?.steps ?? []).map(({ instance }) => instance);
}

/** Copies the newest outputs of steps to this attempt. Reads all earlier attempts, as the previous one may not have begun. */
async function carryOutputs(
  { outputs }: CreateRunnerPorts,
  { run: { taskId, attempt } }: RunnerRequest,
  instances: readonly string[],
): Promise<Required<Pick<RunnerSpec['work'], 'earlier' | 'masked'>>> {
  const known: Awaited<ReturnType<OutputStore['all']>> = {};
  const hidden: Awaited<ReturnType<OutputStore['masked']>> = {};
  for (let before = 1; before < attempt; before += 1) {
    Object.assign(known, await outputs.all(taskId, before));
    Object.assign(hidden, await outputs.masked(taskId, before));
  }
  const kept = instances.map((instance) => [instance, known[instance] ?? {}, hidden[instance] ?? []] as const);
  for (const [instance, values, masked] of kept) await outputs.put(taskId, attempt, instance, values, masked);
  return {
    earlier: Object.fromEntries(kept.map(([instance, values]) => [instance, values])),
    masked: Object.fromEntries(kept.map(([instance, , masked]) => [instance, masked])),
  };
}

async function workStep(plugins: PluginStore, step: Task['pipeline'][number]): Promise<WorkStep> {
  const def = await plugins.get(step.plugin, step.version);
  if (def) return { ...step, def };
  throw new Fault('plugin_invalid', `plugin ${step.plugin} ${step.version} is no longer in the plugin store`, {
    where: { step: step.instance },
    hint: 'upload it again, or save the test flow with an existing version',
  });
}

function workFile(
  task: Task,
  { run, mark, commits, images }: RunnerRequest,
  settings: RunnerSettings,
  steps: WorkStep[],
): RunnerSpec['work'] {
  const { namespace, registry, componentResources } = settings;
  const { globals, versions } = task;
  return {
    taskId: task.id,
    testId: run.testId,
    attempt: run.attempt,
    namespace,
    registry,
    mark,
    componentResources,
    globals,
    commits,
    versions,
    images,
    steps,
  };
}

/** Lists the programs of the plugin store that the steps run, each once. */
function programs(steps: readonly WorkStep[], { pluginStore }: RunnerSettings): RunnerSpec['files'] {
  const files = steps.flatMap(({ def }) => (def.form === 'executable' && def.file ? [def.file] : []));
  return [...new Set(files)].map((file) => ({ from: join(pluginStore, file), to: join(workPaths.plugins, file) }));
}
