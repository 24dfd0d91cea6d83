import type { RunnerRef } from '../../model/engine/runtime.ts';
import type { RunIdentity } from '../../model/run.ts';
import { type CopyLogOptions, copyLog } from '../logs/collect/copy-log.ts';
import { emptyStreamHead } from '../logs/stream-head.ts';
import { awaitRunnerExit, type RunnerExit } from './await-runner-exit.ts';
import type { SuperviseRunPorts } from './ports.ts';
import { forbidRestarts } from './restarts.ts';
import type { RunnerContainers } from './runner-containers.ts';

export interface SuperviseRunnerOptions extends Pick<CopyLogOptions, 'begin' | 'split'> {
  run: RunIdentity;
  runner: RunnerRef;
  runners: RunnerContainers;
  maxRestarts: number;
  stopSignal: AbortSignal;
}

/** Ends the following of a runner that was stopped. */
class Stopped extends Error {}

/**
 * Follows the runner to its exit; stops it when `stopSignal` is aborted, and reads its log to the end. Throws the reason of
 * `signal` when that is aborted.
 */
export async function superviseRunner(
  ports: SuperviseRunPorts,
  watch: SuperviseRunnerOptions,
  signal: AbortSignal,
): Promise<RunnerExit> {
  const { run, runner, runners, begin, split, stopSignal } = watch;
  const halted = new AbortController();
  let restarting = Promise.resolve();
  const restart = async (finishedAt: string): Promise<void> => {
    // A runner that is restarted after the stop would never be stopped.
    if (stopSignal.aborted) return;
    restarting = ports.runtime.restart?.(runner, finishedAt) ?? restarting;
    await restarting;
  };
  const stop = async (): Promise<void> => {
    // A pod that has not started yet has no log, and may never get one.
    if (ports.runtime.restart) await runners.until(() => true, signal);
    ports.log.info({ taskId: run.taskId, pod: runner.name }, 'stopping the runner');
    if (runners.newest) await forbidRestarts(ports.logs, runners.newest.streamId);
    // A pending restart would start the runner again after its stop.
    await Promise.allSettled([restarting]);
    await ports.runtime.stop(runner);
  };
  const onStop = (): void => {
    stop().then(
      () => halted.abort(new Stopped()),
      (error: unknown) => halted.abort(error),
    );
  };
  if (stopSignal.aborted) onStop();
  else stopSignal.addEventListener('abort', onStop);
  try {
    return await awaitRunnerExit(ports, { ...watch, restart }, AbortSignal.any([signal, halted.signal]));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const container = runners.newest;
    if (!container) return { position: emptyStreamHead.position };
    const position = await copyLog(ports, { run, container, follow: false, begin, split }, signal);
    signal.throwIfAborted();
    return { position, exitCode: runners.newest?.exitCode };
  } finally {
    stopSignal.removeEventListener('abort', onStop);
  }
}
