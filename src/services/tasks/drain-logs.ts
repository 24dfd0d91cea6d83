import { roleLabel } from '../../model/engine/labels.ts';
import { lastWriter } from '../../model/ports/steps.ts';
import type { RunIdentity } from '../../model/run.ts';
import { runnerName } from '../../model/run.ts';
import { type SuperviseRunPorts, superviseRun } from '../runs/supervise-run.ts';

/** Stops the runner of a lost task, if one exists, and collects the logs of the run to their ends. */
export async function drainLogs(
  ports: SuperviseRunPorts,
  { run, mark, signal }: { run: RunIdentity; mark: string; signal: AbortSignal },
): Promise<void> {
  const objects = await ports.runtime.listObjects(run.testId);
  const runner = objects.find(({ name, labels }) => labels[roleLabel] === 'runner' && name === runnerName(run));
  if (!runner) return;
  const { name, uid } = runner;
  const now = AbortSignal.abort();
  await superviseRun({
    ...ports,
    run,
    runner: { name, uid },
    mark,
    // Overrides all followers of its workflow, which has ended.
    writer: lastWriter,
    isCurrent: async () => true,
    order: [],
    onProgress() {},
    stopSignal: now,
    signal,
  });
}
