import type { RunnerRef } from '../../model/engine/runtime.ts';
import type { RunIdentity } from '../../model/run.ts';
import { type Copy, copyLog } from '../logs/collect/copy-log.ts';
import { emptyTip } from '../logs/tip.ts';
import { followRunner, type RunnerExit } from './follow-runner.ts';
import type { Lives } from './lives.ts';
import type { FollowPorts } from './ports.ts';
import { forbidRestarts } from './restarts.ts';

export interface RunnerWatch extends Pick<Copy, 'begin' | 'split'> {
  run: RunIdentity;
  runner: RunnerRef;
  lives: Lives;
  maxRestarts: number;
  stopSignal: AbortSignal;
}

/** Why following ends before the runner's own end. */
class Stopped extends Error {}

/**
 * Follows the runner to its own end, or stops it when `stopSignal` says so and reads its log to the end. Throws the reason of
 * `signal` when that is aborted.
 */
export async function runnerExit(ports: FollowPorts, watch: RunnerWatch, signal: AbortSignal): Promise<RunnerExit> {
  const { run, runner, lives, begin, split, stopSignal } = watch;
  const halted = new AbortController();
  let restarting = Promise.resolve();
  const restart = async (finishedAt: string): Promise<void> => {
    // The restart was counted just before the stop; nobody would end what is started now.
    if (stopSignal.aborted) return;
    restarting = ports.runtime.restart?.(runner, finishedAt) ?? restarting;
    await restarting;
  };
  const stop = async (): Promise<void> => {
    // A pod that has not started yet has no log, and may never get one.
    if (ports.runtime.restart) await lives.until(() => true, signal);
    ports.log.info({ task: run.taskId, pod: runner.name }, 'stopping the runner');
    if (lives.newest) await forbidRestarts(ports.logs, lives.newest.streamId);
    // A restart that is under way would start what was just stopped.
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
    return await followRunner(ports, { ...watch, restart }, AbortSignal.any([signal, halted.signal]));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const container = lives.newest;
    if (!container) return { position: emptyTip.position };
    const position = await copyLog(ports, { run, container, follow: false, begin, split }, signal);
    signal.throwIfAborted();
    return { position, exitCode: lives.newest?.exitCode };
  } finally {
    stopSignal.removeEventListener('abort', onStop);
  }
}
