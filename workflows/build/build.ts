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
import { builds, looks } from '../activities.ts';
import { faultOf } from '../faults.ts';

const joinSignal = defineSignal<[BuildWaiter]>(buildMessages.join);

/**
 * The one build of an image, shared by every task that needs it. It goes on when its waiters are gone, and tells those
 * that are left how it ended, also those that join while it tells.
 */
export async function build(input: BuildInput): Promise<BuildEnd> {
  const waiters = new Map<string, BuildWaiter>();
  setHandler(joinSignal, (waiter) => {
    waiters.set(`${waiter.workflowId} ${waiter.runId}`, waiter);
  });
  const end = await makeImage(input);
  await CancellationScope.nonCancellable(async () => {
    const told = new Set<string>();
    while (told.size < waiters.size) {
      const left = [...waiters].filter(([key]) => !told.has(key));
      await Promise.all(left.map(([, waiter]) => tell(waiter, end)));
      for (const [key] of left) told.add(key);
    }
  });
  if (end.error) throw ApplicationFailure.nonRetryable(end.error.message, end.error.code, end.error);
  return end;
}

async function makeImage(input: BuildInput): Promise<BuildEnd> {
  const end: BuildEnd = { buildId: buildId(input.image), built: false };
  try {
    const found = await looks('is it there?').beginBuild(input);
    if (found) return { ...end, ...found };
    Object.assign(end, await builds(`commit ${input.commit.slice(0, 12)}`).buildImage(input));
  } catch (error) {
    const cancelled = { code: 'build_failed', message: `the build of ${input.image} was cancelled` } as const;
    end.error = isCancellation(error) ? cancelled : faultOf(error);
  }
  await CancellationScope.nonCancellable(() => looks(end.error ? 'error' : 'success').endBuild(end));
  return end;
}

async function tell({ workflowId, runId }: BuildWaiter, end: BuildEnd): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId, runId).signal(taskMessages.built, end);
  } catch {
    // The only failure that the server knows here: the task has ended and waits no more.
  }
}
