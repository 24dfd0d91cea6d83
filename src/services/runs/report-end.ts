import type { RunnerEnd } from '../../model/activities.ts';
import type { FaultReport } from '../../model/fault.ts';
import type { LogPosition } from '../../model/log.ts';
import { truncateFault } from '../../model/truncate-fault.ts';
import type { RunnerExit } from './await-runner-exit.ts';
import type { StepLedger } from './step-ledger.ts';

/** Records the steps and returns the end of a run for its workflow, whose size does not grow with the steps. */
export async function runnerEnd(exit: RunnerExit, ledger: StepLedger): Promise<RunnerEnd> {
  const { position, exitCode } = exit;
  const { restarts } = position;
  const doubt = exit.fault ? undefined : doubtOf(exit, ledger);
  const fault = exit.fault ?? doubt;
  const verdict = doubt ? undefined : position.verdict;
  await ledger.end(exit.fault);
  const summary = ledger.summary(verdict?.failedStep);
  return { verdict, exitCode, restarts, summary, fault: fault && truncateFault(fault) };
}

/** Exit code of a runner that was told to end before it had a verdict: 128 + SIGTERM. */
const stoppedCode = 143;

/** Returns the fault of an implausible verdict: a runner reports `success` once all steps have succeeded, and exits with 0. */
function doubtOf({ position, exitCode }: RunnerExit, { steps }: StepLedger): FaultReport | undefined {
  if (position.verdict?.state !== 'success') return undefined;
  // Where markers were lost, the end of a step may have been among them.
  const unfinished = position.signer?.missed ? undefined : steps.find(({ state }) => state !== 'success');
  const isContradicted = exitCode === stoppedCode && !position.stopping;
  if (!unfinished && !isContradicted) return undefined;
  const seen = unfinished ? `step ${unfinished.instance} was ${unfinished.state}` : 'no step was left to run';
  return {
    code: 'runner_crashed',
    message: `the verdict "success" is not plausible: ${seen}, and the runner ended with exit code ${exitCode ?? 'unknown'}`,
    hint: 'check whether a step prints markers of the runner or kills its processes',
  };
}

/** Records the steps and returns the end of a run whose runner is gone, by its log. */
export async function vanishedEnd(position: LogPosition, fault: FaultReport, ledger: StepLedger): Promise<RunnerEnd> {
  await ledger.resume(position);
  return runnerEnd({ position, ...(!position.verdict && !position.stopping && { fault }) }, ledger);
}
