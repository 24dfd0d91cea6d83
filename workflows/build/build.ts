import {
  ApplicationFailure,
  CancellationScope,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import { type BuildEnd, type BuildInput, type BuildWaiter, buildId, buildMessages } from '../../src/model/build.ts';
import { taskMessages } from '../../src/model/task-messages.ts';
import { buildActivities, lookupActivities } from '../activities.ts';
import { faultOf } from '../faults.ts';

const joinSignal = defineSignal<[BuildWaiter]>(buildMessages.join);

/**
 * Builds an image once for all tasks that need it. Continues when its waiters are gone, and signals its end to the
 * remaining ones, also to those that join meanwhile.
 */
export async function build(input: BuildInput): Promise<BuildEnd> {
  const waiters = new Map<string, BuildWaiter>();
  setHandler(joinSignal, (waiter) => {
    waiters.set(`${waiter.workflowId} ${waiter.runId}`, waiter);
  });
  const end = await makeImage(input);
  await CancellationScope.nonCancellable(async () => {
    const notified = new Set<string>();
    while (notified.size < waiters.size) {
      const left = [...waiters].filter(([key]) => !notified.has(key));
      await Promise.all(left.map(([, waiter]) => notify(waiter, end)));
      for (const [key] of left) notified.add(key);
    }
  });
  if (end.error) throw ApplicationFailure.nonRetryable(end.error.message, end.error.code, end.error);
  return end;
}

async function makeImage(input: BuildInput): Promise<BuildEnd> {
  const end: BuildEnd = { buildId: buildId(input.image), built: false };
  try {
    const found = await lookupActivities('look up image').beginBuild(input);
    if (found) return { ...end, ...found };
    Object.assign(end, await buildActivities(`commit ${input.commit.slice(0, 12)}`).buildImage(input));
  } catch (error) {
    const cancelled = { code: 'build_failed', message: `the build of ${input.image} was cancelled` } as const;
    end.error = isCancellation(error) ? cancelled : faultOf(error);
  }
  await CancellationScope.nonCancellable(() => lookupActivities(end.error ? 'error' : 'success').endBuild(end));
  return end;
}

async function notify({ workflowId, runId }: BuildWaiter, end: BuildEnd): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId, runId).signal(taskMessages.built, end);
  } catch {
    // The only possible failure: the task has ended.
  }
}
