import { ApplicationFailure } from '@temporalio/workflow';
import type { TaskComponent } from '../../src/model/activities.ts';
import type { FaultReport } from '../../src/model/fault.ts';
import type { Versions } from '../../src/model/job.ts';
import { changedVersion } from '../../src/model/trigger.ts';
import { lookupActivities, recordActivities } from '../activities.ts';
import { getImage, type TaskImage } from './get-image.ts';
import { publishStatus } from './publish-status.ts';
import type { TaskImages } from './task-images.ts';
import type { TaskRun } from './task-run.ts';

/**
 * Resolves the commit of every component and gets its image, all components in parallel. Waits for all of them even
 * when one fails, so that the task records each result.
 */
export async function getImages(run: TaskRun): Promise<TaskImages> {
  const commits: Versions = {};
  const images: Versions = {};
  if (run.wanted.length === 0) return { commits, images };
  run.state = 'building';
  publishStatus(run);
  const building = { state: run.state, times: { buildingAt: new Date().toISOString() } };
  const getOne = async (component: TaskComponent): Promise<void> => {
    const { plugin, repo, tagPattern: pattern } = component;
    if (pattern)
      run.setVersion(component, await lookupActivities(`find newest tag of ${plugin}`).newestTag({ repo, pattern }));
    const { version, locked } = component;
    const wanted = locked?.commit ?? version;
    const summary = `${plugin} at ${wanted === '' ? 'default branch' : wanted}`;
    const commit = await lookupActivities(summary).resolveCommit({ taskId: run.taskId, plugin, repo, version: wanted });
    const found = await getImage(run, plugin, commit);
    checkLock(component, found);
    commits[plugin] = commit;
    images[plugin] = found.image;
    run.components.push({ plugin, repo, version, commit, ...found });
  };
  const done = await Promise.allSettled([
    ...run.wanted.map(getOne),
    recordActivities('building').projectTask(run.projection(building)),
  ]);
  const failed = done.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  await keepTags(run);
  return { commits, images };
}

/** Throws `image_missing` when the image differs from the lockfile, although its commit is the same: it was rebuilt. */
function checkLock({ plugin, locked }: TaskComponent, { image, digest }: TaskImage): void {
  if (!locked?.digest || !digest || digest === locked.digest) return;
  const report: FaultReport = {
    code: 'image_missing',
    message: `image ${image} of ${plugin} is ${digest}, but the lockfile has ${locked.digest}`,
    hint: 'to use the current image, run the job with the commit as a version, or retry with versions "refreshed"',
  };
  throw ApplicationFailure.nonRetryable(report.message, report.code, report);
}

/** Keeps the tags that a tag job tests as its versions from now on, and shows them on the task. */
async function keepTags(run: TaskRun): Promise<void> {
  const { trigger, wanted } = run;
  const tagged = wanted.filter(({ repo, tagPattern }) => {
    return tagPattern !== undefined || (trigger.type === 'tag_created' && changedVersion(trigger, repo) !== undefined);
  });
  if (tagged.length === 0) return;
  const versions = Object.fromEntries(tagged.map(({ plugin, version }) => [plugin, version]));
  await recordActivities('keep tags as versions').keepVersions({ jobId: run.jobId, versions });
  await recordActivities('versions').projectTask(run.projection({ versions: run.versions }));
}
