import type { RunnerEnd } from '../../model/activities.ts';
import { boundFault } from '../../model/bound-fault.ts';
import type { FaultReport } from '../../model/fault.ts';
import type { LogPosition } from '../../model/log.ts';
import type { RunnerExit } from './follow-runner.ts';
import type { StepLedger } from './step-ledger.ts';

/** The end of a run as its workflow gets it, once its steps are on record. Its size does not grow with them. */
export async function runnerEnd(exit: RunnerExit, ledger: StepLedger): Promise<RunnerEnd> {
  const { position, exitCode } = exit;
  const { restarts } = position;
  const doubt = exit.fault ? undefined : doubtOf(exit, ledger);
  const fault = exit.fault ?? doubt;
  const verdict = doubt ? undefined : position.verdict;
  await ledger.end(exit.fault);
  return {
    ...(verdict && { verdict }),
    ...(exitCode !== undefined && { exitCode }),
    restarts,
    summary: ledger.summary(verdict?.failedStep),
    ...(fault && { fault: boundFault(fault) }),
  };
}

/** Exit code of a runner that was told to end before it had a verdict: 128 + SIGTERM. */
const stoppedCode = 143;

/** Why a verdict is not believed: a runner says `success` once all steps are over, and then ends with 0. */
function doubtOf({ position, exitCode }: RunnerExit, { steps }: StepLedger): FaultReport | undefined {
  if (position.verdict?.state !== 'success') return undefined;
  // Where markers were lost, the end of a step may have been among them.
  const unfinished = position.signer?.missed ? undefined : steps.find(({ state }) => state !== 'success');
  const isContradicted = exitCode === stoppedCode && !position.stopping;
  if (!unfinished && !isContradicted) return undefined;
  const seen = unfinished ? `step ${unfinished.instance} was ${unfinished.state}` : 'no step was left to run';
  return {
    code: 'runner_crashed',
    message: `the verdict "success" is not believed: ${seen}, and the runner ended with exit code ${exitCode ?? 'unknown'}`,
    hint: 'see whether a step prints markers of the runner or ends its processes',
  };
}

/** The end of a run whose runner does not exist any more, as far as its log tells. */
export async function vanishedEnd(position: LogPosition, fault: FaultReport, ledger: StepLedger): Promise<RunnerEnd> {
  await ledger.resume(position);
  return runnerEnd({ position, ...(!position.verdict && !position.stopping && { fault }) }, ledger);
}
