import type { ContainerState } from '../../model/engine/runtime.ts';
import type { FaultReport } from '../../model/fault.ts';
import type { LogPosition } from '../../model/log.ts';

export type ExitClass = 'ended' | 'crashed' | 'unfinished' | 'lost' | 'out of memory';

/** Classifies how the runner exited: finished, crashed (a restart may help), or unrecoverable. */
export function classifyExit(
  { exitCode, outOfMemory }: Pick<ContainerState, 'exitCode' | 'outOfMemory'>,
  { verdict, steps, lost }: LogPosition,
): ExitClass {
  // A verdict that was given stands, whatever came after it.
  if (verdict) return 'ended';
  if (exitCode === 0 && lost) return 'lost';
  // A custom runner image need not print markers; a runner that prints them has not finished without a verdict.
  if (exitCode === 0) return steps === undefined ? 'ended' : 'unfinished';
  return outOfMemory ? 'out of memory' : 'crashed';
}

/** Returns the fault of a run by the class of its runner's exit. `tail` has the last lines of the runner's log. */
export function endFault(
  exitClass: Exclude<ExitClass, 'ended'>,
  exitCode: number | undefined,
  restarts: number,
  tail: readonly string[],
): FaultReport {
  const lines = tail.length > 0 ? `; its last lines:\n${tail.join('\n')}` : '; it printed nothing';
  const code = `exit code ${exitCode ?? 'unknown'}`;
  switch (exitClass) {
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
        message: `the runner ended with ${code} after ${restarts} restarts${lines}`,
        hint: "see the runner's log for the cause",
      };
  }
}
