import type { ContainerState } from '../../model/engine/runtime.ts';
import type { FaultReport } from '../../model/fault.ts';
import type { LogPosition } from '../../model/log.ts';
import type { RunIdentity } from '../../model/run.ts';
import { carryOver } from '../logs/collect/carry-over.ts';
import { type Copy, copyLog } from '../logs/collect/copy-log.ts';
import { tailLines } from '../logs/tail.ts';
import { endFault, judge } from './classify-exit.ts';
import type { Lives } from './lives.ts';
import type { FollowPorts } from './ports.ts';
import { countRestart } from './restarts.ts';

/** Lines of the runner's log that the message of a crash has. */
const tail = 20;

export interface RunnerFollowing extends Pick<Copy, 'begin' | 'split'> {
  run: RunIdentity;
  lives: Lives;
  maxRestarts: number;
  /** Starts the runner again unless it was started since that end; does nothing where the cluster does that. */
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
  const { run, lives, begin, split } = following;
  const answered = new Set<string>();
  const isNew = (state: ContainerState): boolean => state.running || (hasEnded(state) && !answered.has(endOf(state)));
  for (;;) {
    const life = await lives.until(isNew, signal);
    await carryOver(ports.logs, run, life);
    const position = await copyLog(ports, { run, container: life, follow: true, begin, split }, signal);
    const isOther = ({ streamId, startedAt }: ContainerState): boolean =>
      streamId !== life.streamId || startedAt !== life.startedAt;
    const now = await lives.until((state) => isNew(state) && (isOther(state) || hasEnded(state)), signal);
    // It was started again by somebody else: before that life's end is judged, its log has to be read.
    if (isOther(now) || !hasEnded(now)) continue;
    const exit = await answerEnd(ports, following, now, position);
    if (exit) return exit;
    answered.add(endOf(now));
  }
}

function hasEnded(state: ContainerState): state is Ended {
  return !state.running && state.finishedAt !== undefined;
}

/** Tells the ends of a runner apart: a cluster's stamps have whole seconds, in which more than one container may end. */
function endOf({ streamId, finishedAt }: Ended): string {
  return `${streamId} ${finishedAt}`;
}

/** What the runner's end means; undefined when it was started again. */
async function answerEnd(
  { logs, log }: FollowPorts,
  { run, maxRestarts, restart }: RunnerFollowing,
  { streamId, exitCode, finishedAt, outOfMemory, restarts, fault }: Ended,
  position: LogPosition,
): Promise<RunnerExit | undefined> {
  const judgement = judge({ exitCode, outOfMemory }, position);
  if (judgement === 'ended' || position.stopping) return { position, exitCode };
  if (fault && judgement !== 'out of memory') return { position, exitCode, fault };
  if (judgement === 'crashed') {
    const counted = await countRestart(logs, { streamId, finishedAt, exitCode, restarts }, maxRestarts);
    if (counted.position.stopping) return { position: counted.position, exitCode };
    if (counted.again) {
      log.warn(
        { task: run.taskId, exitCode, restarts: counted.position.restarts },
        'the runner crashed and is started again',
      );
      await restart(finishedAt);
      return undefined;
    }
  }
  const lines = await tailLines(logs, streamId, tail);
  return { position, exitCode, fault: endFault(judgement, exitCode, position.restarts, lines) };
}
