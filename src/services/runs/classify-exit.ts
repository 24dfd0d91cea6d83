import type { ContainerState } from '../../model/engine/runtime.ts';
import type { FaultReport } from '../../model/fault.ts';
import type { LogPosition } from '../../model/log.ts';

export type Judgement = 'ended' | 'crashed' | 'unfinished' | 'lost' | 'out of memory';

/** What an end of the runner is: its regular one, a crash, which a restart may help, or something that none would. */
export function judge(
  { exitCode, outOfMemory }: Pick<ContainerState, 'exitCode' | 'outOfMemory'>,
  { verdict, steps, lost }: LogPosition,
): Judgement {
  // A verdict that was given stands, whatever came after it.
  if (verdict) return 'ended';
  if (exitCode === 0 && lost) return 'lost';
  // An image of somebody's own need not print markers; one that does has not finished without its verdict.
  if (exitCode === 0) return steps === undefined ? 'ended' : 'unfinished';
  return outOfMemory ? 'out of memory' : 'crashed';
}

/** The fault of a run whose runner ended so; `tail` are the last lines of its log. */
export function endFault(
  judgement: Exclude<Judgement, 'ended'>,
  exitCode: number | undefined,
  restarts: number,
  tail: readonly string[],
): FaultReport {
  const lines = tail.length > 0 ? `; its last lines:\n${tail.join('\n')}` : '; it printed nothing';
  const code = `exit code ${exitCode ?? 'unknown'}`;
  switch (judgement) {
    case 'out of memory':
      return {
        code: 'out_of_memory',
        message: `the runner was killed with ${code}, as it used more memory than its limit${lines}`,
        hint: "raise resources.limits.memory in the runner's template",
      };
    case 'lost':
      return { code: 'node_lost', message: `the end of the runner's log was lost, and its verdict with it${lines}` };
    case 'unfinished':
      return { code: 'runner_crashed', message: `the runner ended with ${code} before it gave its verdict${lines}` };
    case 'crashed':
      return {
        code: 'runner_crashed',
        message: `the runner ended with ${code} after it was started again ${restarts} times${lines}`,
        hint: "see the runner's log for why it crashes",
      };
  }
}
