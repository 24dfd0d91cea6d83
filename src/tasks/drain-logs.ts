import { type FollowPorts, follow } from '../follow/follow.ts';
import type { RunIdentity } from '../model/run.ts';
import { runnerName } from '../model/run.ts';
import type { StepProgress } from '../model/task.ts';
import { roleLabel } from '../runtime/labels.ts';

/** Stops the runner that a lost task left, if there is one, and keeps the logs of the run to their ends. */
export async function drainLogs(
  ports: FollowPorts,
  { run, mark, signal }: { run: RunIdentity; mark: string; signal: AbortSignal },
): Promise<StepProgress[]> {
  const objects = await ports.runtime.objects(run.testId);
  const runner = objects.find(({ name, labels }) => labels[roleLabel] === 'runner' && name === runnerName(run));
  if (!runner) return [];
  const { name, uid } = runner;
  const now = AbortSignal.abort();
  const end = await follow({ ...ports, run, runner: { name, uid }, mark, onProgress() {}, stopSignal: now, signal });
  return end.steps;
}
