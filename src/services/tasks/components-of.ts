import type { TaskComponent, TaskInput } from '../../model/activities.ts';
import type { StepSpec } from '../../model/flow.ts';
import type { Job } from '../../model/job.ts';
import { isBuildable, type Plugin } from '../../model/plugin.ts';
import { repositoryName } from '../../model/repository-name.ts';
import type { ComponentImage, Task } from '../../model/task.ts';
import { changedVersion } from '../../model/trigger.ts';

type Buildable = Plugin & { repo: string; imageTarget: string };

/** Returns the components that the steps' plugins build. For a plugin in several versions, the last one in the flow counts. */
export function componentsOf(
  pipeline: readonly StepSpec[],
  job: Job,
  input: TaskInput,
  plugins: readonly Plugin[],
): TaskComponent[] {
  return neededPlugins(pipeline, plugins).map((plugin) => componentOf(plugin, job, input));
}

/**
 * Returns the components of a task that runs again: each at its former commit and image where known, unless another version
 * is requested.
 */
export function lockedComponents(
  task: Pick<Task, 'pipeline' | 'components' | 'versions'>,
  plugins: readonly Plugin[],
  requested: Readonly<Record<string, string>>,
): TaskComponent[] {
  return neededPlugins(task.pipeline, plugins).map(({ name: plugin, repo }) => {
    const known = task.components.find((component) => component.plugin === plugin);
    const version = requested[plugin] ?? known?.version ?? task.versions[plugin] ?? '';
    const locked = known && requested[plugin] === undefined && lockOf(known);
    return { plugin, repo, version, ...(locked && { locked }) };
  });
}

function lockOf({ commit, digest }: ComponentImage): NonNullable<TaskComponent['locked']> {
  return { commit, digest };
}

/** Returns the plugins of the steps that have a component to build, each once. */
export function neededPlugins(pipeline: readonly StepSpec[], plugins: readonly Plugin[]): Buildable[] {
  const used = new Map(
    pipeline.map((step) => [
      step.plugin,
      plugins.find((one) => one.name === step.plugin && one.version === step.version),
    ]),
  );
  return [...used.values()].filter((one): one is Buildable => one !== undefined && isBuildable(one));
}

/** Takes the version from the trigger, the run or the job, in this order. A tag job that is run manually takes the newest tag. */
function componentOf({ name, repo }: Buildable, job: Job, { trigger, run }: TaskInput): TaskComponent {
  const requested = changedVersion(trigger, repo) ?? run.versions[name];
  const rule = job.tagCreateEventMatches?.find((tag) => repositoryName(tag.repo) === repositoryName(repo));
  const takesNewest = trigger.type === 'manual' && requested === undefined && rule !== undefined;
  return {
    plugin: name,
    repo,
    version: requested ?? job.versions[name] ?? '',
    ...(takesNewest && { tagPattern: rule.tagPattern }),
  };
}
