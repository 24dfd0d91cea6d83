import type { RunnerEnd } from '../model/activities.ts';
import type { FaultReport } from '../model/fault.ts';
import type { LogPosition } from '../model/log.ts';
import type { RunnerExit } from './follow-runner.ts';

/** The end of a run as its workflow gets it: a step that was still running failed by the fault, or was canceled. */
export function runnerEnd({ position, exitCode, fault }: RunnerExit): RunnerEnd {
  const { verdict, restarts, steps = [] } = position;
  return {
    ...(verdict && { verdict }),
    ...(exitCode !== undefined && { exitCode }),
    restarts,
    steps: steps.map((step) => {
      if (step.state !== 'running') return step;
      return fault ? { ...step, state: 'error', error: fault } : { ...step, state: 'canceled' };
    }),
    ...(fault && { fault }),
  };
}

/** The end of a run whose runner does not exist any more, as far as its log tells. */
export function vanishedEnd(position: LogPosition, fault: FaultReport): RunnerEnd {
  return runnerEnd({ position, ...(!position.verdict && !position.stopping && { fault }) });
}
