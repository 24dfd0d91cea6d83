import { tailLines } from '../logs/tail.ts';
import type { FaultReport } from '../model/fault.ts';
import type { LogPosition } from '../model/log.ts';
import type { RunIdentity } from '../model/run.ts';
import type { ContainerState } from '../runtime/runtime.ts';
import { type Copy, copyLog } from './copy-log.ts';
import { endFault, judge } from './judge.ts';
import type { Latest } from './latest.ts';
import type { FollowPorts } from './ports.ts';
import { countRestart } from './restarts.ts';

/** Lines of the runner's log that the message of a crash has. */
const tail = 20;

export interface RunnerFollowing extends Pick<Copy, 'begin'> {
  run: RunIdentity;
  /** The runner's container, as it is now. */
  states: Latest<ContainerState>;
  maxRestarts: number;
  /** Starts the runner again unless it was started since that end. */
  restart(finishedAt: string): Promise<void>;
}

export interface RunnerExit {
  position: LogPosition;
  exitCode?: number;
  fault?: FaultReport;
}

type Ended = ContainerState & { finishedAt: string };

/** Copies the runner's log to its end, and has the runner started again after every crash. Throws the signal's reason. */
export async function followRunner(
  ports: FollowPorts,
  following: RunnerFollowing,
  signal: AbortSignal,
): Promise<RunnerExit> {
  const { run, states, begin } = following;
  let answered: string | undefined;
  for (;;) {
    const life = await states.until((state) => state.running || hasEnded(state, answered), signal);
    const position = await copyLog(ports, { run, container: life, follow: true, begin }, signal);
    const isOther = ({ startedAt }: ContainerState): boolean => startedAt !== life.startedAt;
    const now = await states.until((state) => isOther(state) || hasEnded(state, answered), signal);
    // Somebody else has started it again: before that life's end is judged, its log has to be read.
    if (isOther(now) || !hasEnded(now, answered)) continue;
    const exit = await answerEnd(ports, following, now, position);
    if (exit) return exit;
    answered = now.finishedAt;
  }
}

function hasEnded(state: ContainerState, answered: string | undefined): state is Ended {
  return !state.running && state.finishedAt !== undefined && state.finishedAt !== answered;
}

/** What the runner's end means; undefined when it was started again. */
async function answerEnd(
  { logs, log }: FollowPorts,
  { run, maxRestarts, restart }: RunnerFollowing,
  { streamId, exitCode, finishedAt, outOfMemory }: Ended,
  position: LogPosition,
): Promise<RunnerExit | undefined> {
  const judgement = judge({ exitCode, outOfMemory }, position);
  if (judgement === 'ended' || position.stopping) return { position, exitCode };
  if (judgement === 'crashed') {
    const counted = await countRestart(logs, { streamId, finishedAt, exitCode }, maxRestarts);
    if (counted.position.stopping) return { position: counted.position, exitCode };
    if (counted.again) {
      const { restarts } = counted.position;
      log.warn({ task: run.taskId, exitCode, restarts }, 'the runner crashed and is started again');
      await restart(finishedAt);
      return undefined;
    }
  }
  const lines = await tailLines(logs, streamId, tail);
  return { position, exitCode, fault: endFault(judgement, exitCode, position.restarts, lines) };
}
