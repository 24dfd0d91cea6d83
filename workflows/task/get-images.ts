import { ApplicationFailure } from '@temporalio/workflow';
import type { TaskComponent } from '../../src/model/activities.ts';
import type { FaultReport } from '../../src/model/fault.ts';
import type { Versions } from '../../src/model/job.ts';
import { changedVersion } from '../../src/model/trigger.ts';
import { looks, records } from '../activities.ts';
import { getImage, type TaskImage } from './get-image.ts';
import type { TaskImages } from './task-images.ts';
import type { TaskRun } from './task-run.ts';
import { show } from './visibility.ts';

/**
 * Resolves the commit of every component and gets its image, all components in parallel. When one fails, the others are
 * still waited for: the task records what became of each.
 */
export async function getImages(run: TaskRun): Promise<TaskImages> {
  const commits: Versions = {};
  const images: Versions = {};
  if (run.wanted.length === 0) return { commits, images };
  run.state = 'building';
  show(run);
  const building = { state: run.state, times: { buildingAt: new Date().toISOString() } };
  const getOne = async (component: TaskComponent): Promise<void> => {
    const { plugin, repo, tagPattern: pattern } = component;
    if (pattern) run.want(component, await looks(`newest tag of ${plugin}`).newestTag({ repo, pattern }));
    const { version, locked } = component;
    const wanted = locked?.commit ?? version;
    const summary = `${plugin} at ${wanted === '' ? 'default branch' : wanted}`;
    const commit = await looks(summary).resolveCommit({ taskId: run.taskId, plugin, repo, version: wanted });
    const found = await getImage(run, plugin, commit);
    checkLock(component, found);
    commits[plugin] = commit;
    images[plugin] = found.image;
    run.components.push({ plugin, repo, version, commit, ...found });
  };
  const done = await Promise.allSettled([
    ...run.wanted.map(getOne),
    records('building').projectTask(run.projection(building)),
  ]);
  const failed = done.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  await keepTags(run);
  return { commits, images };
}

/** An image that is not the lockfile's, although it is of the same commit: somebody has built it anew. */
function checkLock({ plugin, locked }: TaskComponent, { image, digest }: TaskImage): void {
  if (!locked?.digest || !digest || digest === locked.digest) return;
  const report: FaultReport = {
    code: 'image_missing',
    message: `${image} of ${plugin} is ${digest}, and not ${locked.digest} of the lockfile`,
    hint: 'run it with the commit as a version, or retry it with versions "refreshed", to take the image as it is now',
  };
  throw ApplicationFailure.nonRetryable(report.message, report.code, report);
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
