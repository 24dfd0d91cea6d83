import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { ImageRequest } from '../../src/model/activities.ts';
import type { FoundImage } from '../../src/model/build.ts';
import { looks } from '../activities.ts';
import type { TaskRun } from './task-run.ts';

/** Milliseconds until a waiter looks whether its build still runs, which doubles from look to look up to the longest. */
const firstLook = 5000;
const longestLook = 120_000;

export interface TaskImage extends FoundImage {
  image: string;
  built: boolean;
  build?: string;
}

/**
 * The image of a component: found, or made by a build that all tasks share, which tells when it has ended. One that was
 * terminated tells nobody: then the next look joins it again, and so starts it.
 */
export async function getImage(run: TaskRun, plugin: string, commit: string): Promise<TaskImage> {
  const request: ImageRequest = { taskId: run.taskId, attempt: run.attempt, plugin, commit };
  const summary = `${plugin} at ${commit.slice(0, 12)}`;
  let { image, build, digest } = await looks(summary).joinBuild(request);
  let waitedFor: string | undefined;
  for (let pause = firstLook; build; pause = Math.min(2 * pause, longestLook)) {
    const { id, runId }: { id: string; runId: string } = build;
    waitedFor = id;
    await condition(() => run.builds.has(id), pause);
    const end = run.builds.get(id);
    if (end?.error) throw ApplicationFailure.nonRetryable(end.error.message, end.error.code, end.error);
    if (end) {
      const at = { image: end.image ?? image, ...(end.digest !== undefined && { digest: end.digest }) };
      return { ...at, built: end.built, build: id };
    }
    ({ image, build, digest } = await looks(`${summary}, again`).joinBuild({ ...request, joined: runId }));
  }
  const made = waitedFor === undefined ? { built: false } : { built: true, build: waitedFor };
  return { image, ...made, ...(digest !== undefined && { digest }) };
}
