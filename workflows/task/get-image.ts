import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { ImageRequest } from '../../src/model/activities.ts';
import type { FoundImage } from '../../src/model/build.ts';
import { lookupActivities } from '../activities.ts';
import type { TaskRun } from './task-run.ts';

/** Pauses between checks whether the build is still running; doubled after each check, up to the maximum. */
const minPauseMs = 5000;
const maxPauseMs = 120_000;

export interface TaskImage extends FoundImage {
  image: string;
  built: boolean;
  build?: string;
}

/**
 * Returns the image of a component: an existing one, or the result of a build that all tasks share, which signals its
 * end. A terminated build sends no signal: the next check joins it again, and so restarts it.
 */
export async function getImage(run: TaskRun, plugin: string, commit: string): Promise<TaskImage> {
  const request: ImageRequest = { taskId: run.taskId, attempt: run.attempt, plugin, commit };
  const summary = `${plugin} at ${commit.slice(0, 12)}`;
  let { image, build, digest } = await lookupActivities(summary).joinBuild(request);
  let waitedFor: string | undefined;
  for (let pauseMs = minPauseMs; build; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
    const { id, runId }: { id: string; runId: string } = build;
    waitedFor = id;
    await condition(() => run.builds.has(id), pauseMs);
    const end = run.builds.get(id);
    if (end?.error) throw ApplicationFailure.nonRetryable(end.error.message, end.error.code, end.error);
    if (end) {
      return { image: end.image ?? image, digest: end.digest, built: end.built, build: id };
    }
    ({ image, build, digest } = await lookupActivities(`${summary}, again`).joinBuild({ ...request, joined: runId }));
  }
  const made = waitedFor === undefined ? { built: false } : { built: true, build: waitedFor };
  return { image, ...made, digest };
}
