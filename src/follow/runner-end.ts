import type { RunnerEnd } from '../model/activities.ts';
import { boundFault } from '../model/bound-fault.ts';
import type { FaultReport } from '../model/fault.ts';
import type { LogPosition } from '../model/log.ts';
import type { RunnerExit } from './follow-runner.ts';
import type { StepLedger } from './step-ledger.ts';

/** The end of a run as its workflow gets it, once its steps are on record. Its size does not grow with them. */
export async function runnerEnd({ position, exitCode, fault }: RunnerExit, ledger: StepLedger): Promise<RunnerEnd> {
  const { verdict, restarts } = position;
  await ledger.end(fault);
  return {
    ...(verdict && { verdict }),
    ...(exitCode !== undefined && { exitCode }),
    restarts,
    summary: ledger.summary(verdict?.failedStep),
    ...(fault && { fault: boundFault(fault) }),
  };
}

/** The end of a run whose runner does not exist any more, as far as its log tells. */
export async function vanishedEnd(position: LogPosition, fault: FaultReport, ledger: StepLedger): Promise<RunnerEnd> {
  await ledger.resume(position);
  return runnerEnd({ position, ...(!position.verdict && !position.stopping && { fault }) }, ledger);
}
