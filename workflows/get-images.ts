import type { TaskComponent } from '../src/model/activities.ts';
import type { Versions } from '../src/model/job.ts';
import { changedVersion } from '../src/model/trigger.ts';
import { builds, records } from './activities.ts';
import type { TaskRun } from './task-run.ts';
import { show } from './visibility.ts';

export interface TaskImages {
  commits: Versions;
  images: Versions;
}

/**
 * Resolves the commit of every component and gets its image, all components in parallel. When one fails, the others are
 * still let to finish: their images are of use to the next task.
 */
export async function getImages(run: TaskRun): Promise<TaskImages> {
  const commits: Versions = {};
  const images: Versions = {};
  if (run.wanted.length === 0) return { commits, images };
  run.state = 'building';
  show(run);
  const building = { state: run.state, times: { buildingAt: new Date().toISOString() } };
  const getImage = async (component: TaskComponent): Promise<void> => {
    const { plugin, repo, tagPattern: pattern } = component;
    if (pattern) run.want(component, await builds(`newest tag of ${plugin}`).newestTag({ repo, pattern }));
    const { version } = component;
    const wanted = version === '' ? 'default branch' : version;
    const commit = await builds(`${plugin} at ${wanted}`).resolveCommit({ taskId: run.taskId, plugin, repo, version });
    const { image, built } = await builds(`${plugin} at ${commit.slice(0, 12)}`).ensureImage({
      taskId: run.taskId,
      attempt: run.attempt,
      plugin,
      commit,
    });
    commits[plugin] = commit;
    images[plugin] = image;
    run.components.push({ plugin, repo, version, commit, image, built });
  };
  const done = await Promise.allSettled([
    ...run.wanted.map(getImage),
    records('building').projectTask(run.projection(building)),
  ]);
  const failed = done.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  await keepTags(run);
  return { commits, images };
}

/** The tags that a tag job tests are its versions from now on, and shown on the task. */
async function keepTags(run: TaskRun): Promise<void> {
  const { trigger, wanted } = run;
  const tagged = wanted.filter(({ repo, tagPattern }) => {
    return tagPattern !== undefined || (trigger.type === 'tag_created' && changedVersion(trigger, repo) !== undefined);
  });
  if (tagged.length === 0) return;
  const versions = Object.fromEntries(tagged.map(({ plugin, version }) => [plugin, version]));
  await records('keep the tags').keepVersions({ jobId: run.jobId, versions });
  await records('versions').projectTask(run.projection({ versions: run.versions }));
}
