import type { TaskPlan } from '../src/model/activities.ts';
import type { Versions } from '../src/model/job.ts';
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
export async function getImages(run: TaskRun, plan: TaskPlan): Promise<TaskImages> {
  const commits: Versions = {};
  const images: Versions = {};
  if (plan.components.length === 0) return { commits, images };
  run.state = 'building';
  show(run);
  const building = { state: run.state, times: { buildingAt: new Date().toISOString() } };
  const getImage = async ({ plugin, repo, version }: TaskPlan['components'][number]): Promise<void> => {
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
    ...plan.components.map(getImage),
    records('building').projectTask(run.projection(building)),
  ]);
  const failed = done.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return { commits, images };
}
