import type { ContainerState } from '../../model/engine/runtime.ts';
import type { FaultReport } from '../../model/fault.ts';
import type { LogPosition } from '../../model/log.ts';
import type { RunIdentity } from '../../model/run.ts';
import { carryOver } from '../logs/collect/carry-over.ts';
import { type CopyLogOptions, copyLog } from '../logs/collect/copy-log.ts';
import { tailLines } from '../logs/tail.ts';
import { classifyExit, endFault } from './classify-exit.ts';
import type { SuperviseRunPorts } from './ports.ts';
import { countRestart } from './restarts.ts';
import type { RunnerContainers } from './runner-containers.ts';

/** Lines of the runner's log in the message of a crash. */
const tailLineCount = 20;

export interface AwaitRunnerExitOptions extends Pick<CopyLogOptions, 'begin' | 'split'> {
  run: RunIdentity;
  runners: RunnerContainers;
  maxRestarts: number;
  /** Restarts the runner unless it was started since `finishedAt`; does nothing where the cluster restarts it. */
  restart(finishedAt: string): Promise<void>;
}

export interface RunnerExit {
  position: LogPosition;
  exitCode?: number;
  fault?: FaultReport;
}

type Ended = ContainerState & { finishedAt: string };

/** Copies the runner's log to its end, and restarts the runner after every crash. Throws the signal's reason. */
export async function awaitRunnerExit(
  ports: SuperviseRunPorts,
  following: AwaitRunnerExitOptions,
  signal: AbortSignal,
): Promise<RunnerExit> {
  const { run, runners, begin, split } = following;
  const handled = new Set<string>();
  const isNew = (state: ContainerState): boolean => state.running || (hasEnded(state) && !handled.has(exitKey(state)));
  for (;;) {
    const container = await runners.until(isNew, signal);
    await carryOver(ports.logs, run, container);
    const position = await copyLog(ports, { run, container, follow: true, begin, split }, signal);
    const isOther = ({ streamId, startedAt }: ContainerState): boolean =>
      streamId !== container.streamId || startedAt !== container.startedAt;
    const now = await runners.until((state) => isNew(state) && (isOther(state) || hasEnded(state)), signal);
    // Another follower has restarted it: the new container's log is read before its exit is classified.
    if (isOther(now) || !hasEnded(now)) continue;
    const exit = await handleExit(ports, following, now, position);
    if (exit) return exit;
    handled.add(exitKey(now));
  }
}

function hasEnded(state: ContainerState): state is Ended {
  return !state.running && state.finishedAt !== undefined;
}

/** Returns the identity of an exit: a cluster's timestamps have whole seconds, in which several containers may end. */
function exitKey({ streamId, finishedAt }: Ended): string {
  return `${streamId} ${finishedAt}`;
}

/** Handles an exit of the runner. Returns the result of the run, or undefined when the runner was restarted. */
async function handleExit(
  { logs, log }: SuperviseRunPorts,
  { run, maxRestarts, restart }: AwaitRunnerExitOptions,
  { streamId, exitCode, finishedAt, outOfMemory, restarts, fault }: Ended,
  position: LogPosition,
): Promise<RunnerExit | undefined> {
  const exitClass = classifyExit({ exitCode, outOfMemory }, position);
  if (exitClass === 'ended' || position.stopping) return { position, exitCode };
  if (fault && exitClass !== 'out of memory') return { position, exitCode, fault };
  if (exitClass === 'crashed') {
    const counted = await countRestart(logs, { streamId, finishedAt, exitCode, restarts }, maxRestarts);
    if (counted.position.stopping) return { position: counted.position, exitCode };
    if (counted.isRestartDue) {
      log.warn(
        { taskId: run.taskId, exitCode, restarts: counted.position.restarts },
        'the runner crashed; restarting it',
      );
      await restart(finishedAt);
      return undefined;
    }
  }
  const lines = await tailLines(logs, streamId, tailLineCount);
  return { position, exitCode, fault: endFault(exitClass, exitCode, position.restarts, lines) };
}
