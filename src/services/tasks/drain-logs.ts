import { roleLabel } from '../../model/engine/labels.ts';
import { lastWriter } from '../../model/ports/steps.ts';
import type { RunIdentity } from '../../model/run.ts';
import { runnerName } from '../../model/run.ts';
import { type FollowPorts, follow } from '../runs/follow.ts';

/** Stops the runner that a lost task left, if there is one, and keeps the logs of the run to their ends. */
export async function drainLogs(
  ports: FollowPorts,
  { run, mark, signal }: { run: RunIdentity; mark: string; signal: AbortSignal },
): Promise<void> {
  const objects = await ports.runtime.objects(run.testId);
  const runner = objects.find(({ name, labels }) => labels[roleLabel] === 'runner' && name === runnerName(run));
  if (!runner) return;
  const { name, uid } = runner;
  const now = AbortSignal.abort();
  await follow({
    ...ports,
    run,
    runner: { name, uid },
    mark,
    // Later than any follower of its workflow, which has ended.
    writer: lastWriter,
    isCurrent: async () => true,
    order: [],
    onProgress() {},
    stopSignal: now,
    signal,
  });
}
