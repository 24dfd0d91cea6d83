import type { TaskComponent, TaskInput } from '../../model/activities.ts';
import type { StepSpec } from '../../model/flow.ts';
import type { Job } from '../../model/job.ts';
import { isBuildable, type Plugin } from '../../model/plugin.ts';
import { repositoryName } from '../../model/repository-name.ts';
import type { ComponentImage, Task } from '../../model/task.ts';
import { changedVersion } from '../../model/trigger.ts';

type Buildable = Plugin & { repo: string; imageTarget: string };

/** The components that the steps' plugins build; of a plugin with several versions, the last one in the flow says how. */
export function componentsOf(
  pipeline: readonly StepSpec[],
  job: Job,
  input: TaskInput,
  plugins: readonly Plugin[],
): TaskComponent[] {
  return neededPlugins(pipeline, plugins).map((plugin) => componentOf(plugin, job, input));
}

/**
 * The components of a task that runs again: each at the commit and with the image that it had, where that is known and
 * nobody asks for another version.
 */
export function lockedComponents(
  task: Pick<Task, 'pipeline' | 'components' | 'versions'>,
  plugins: readonly Plugin[],
  asked: Readonly<Record<string, string>>,
): TaskComponent[] {
  return neededPlugins(task.pipeline, plugins).map(({ name: plugin, repo }) => {
    const known = task.components.find((component) => component.plugin === plugin);
    const version = asked[plugin] ?? known?.version ?? task.versions[plugin] ?? '';
    const locked = known && asked[plugin] === undefined && lockOf(known);
    return { plugin, repo, version, ...(locked && { locked }) };
  });
}

function lockOf({ commit, digest }: ComponentImage): NonNullable<TaskComponent['locked']> {
  return { commit, ...(digest !== undefined && { digest }) };
}

/** The plugins of the steps that have a component to build, each once. */
export function neededPlugins(pipeline: readonly StepSpec[], plugins: readonly Plugin[]): Buildable[] {
  const used = new Map(
    pipeline.map((step) => [
      step.plugin,
      plugins.find((one) => one.name === step.plugin && one.version === step.version),
    ]),
  );
  return [...used.values()].filter((one): one is Buildable => one !== undefined && isBuildable(one));
}

/** Of its version, the trigger says most, then this run, then the job; a tag job that is run by hand takes the newest tag. */
function componentOf({ name, repo }: Buildable, job: Job, { trigger, run }: TaskInput): TaskComponent {
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
