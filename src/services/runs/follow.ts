import type { RunnerEnd } from '../../model/activities.ts';
import type { TaskContainer } from '../../model/container.ts';
import type { RunnerRef } from '../../model/engine/runtime.ts';
import { Fault, type FaultCode } from '../../model/fault.ts';
import type { LogPosition } from '../../model/log.ts';
import type { RunIdentity } from '../../model/run.ts';
import type { StepProgress } from '../../model/step.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { emptyTip, readTip } from '../logs/tip.ts';
import { readSteps, splitMarkers } from './assign-lines-to-steps.ts';
import { blameComponents } from './component-ends.ts';
import { Components } from './components.ts';
import type { RunnerExit } from './follow-runner.ts';
import { Lives } from './lives.ts';
import type { FollowPorts } from './ports.ts';
import { recordContainer } from './record-container.ts';
import { runnerEnd, vanishedEnd } from './report-end.ts';
import { RunWaits } from './run-waits.ts';
import { type LedgerPorts, StepLedger } from './step-ledger.ts';
import { runnerExit } from './supervise-runner.ts';

export type { FollowPorts };

/** How often a crashed runner is started again, as in the original. */
const mostRestarts = 5;

/** Faults by which this runner ends, while another one may do better: following it again would only find the same. */
const lossOfRunner: ReadonlySet<FaultCode> = new Set(['runner_vanished', 'node_lost', 'evicted', 'registry_refused']);

export interface FollowOptions extends FollowPorts, Pick<LedgerPorts, 'writer' | 'isCurrent' | 'order'> {
  run: RunIdentity;
  runner: RunnerRef;
  /** The attempt's own text, which the runner's markers carry. */
  mark: string;
  maxRestarts?: number;
  /** Told on every change which steps have begun, in their order. */
  onProgress(steps: StepProgress[]): void;
  /** Told what the run waits for. */
  onWaits?: OnWaits;
  /** Stops the runner; following ends once its log was read to the end. */
  stopSignal: AbortSignal;
  /** Lets go of the runner: what was read is stored, then the signal's reason is thrown. */
  signal: AbortSignal;
}

/**
 * Follows a run's runner to its end: keeps every line of its containers' logs, starts it again after a crash, reads its
 * verdict. All that it knows is in the store, so it may be killed at any moment and begun anew, and two may follow the same
 * run until the later one writes its steps. A runner that vanished is an end too; other faults of the runtime are thrown.
 */
export async function follow(options: FollowOptions): Promise<RunnerEnd> {
  const { run, runtime, signal } = options;
  const over = new AbortController();
  const any = AbortSignal.any([signal, over.signal]);
  const fail = (error: unknown): void => over.abort(error);
  const lives = new Lives();
  const waits = new RunWaits(options.onWaits);
  const components = new Components(options, run, any, fail);
  let recorded = Promise.resolve();
  const watch = async (): Promise<void> => {
    for await (const state of runtime.watch(run, any, waits.showRuntime)) {
      recorded = recorded.then(() => recordContainer(options.containers, run, state)).catch(fail);
      if (state.role === 'runner') lives.show(state);
      else components.show(state);
    }
  };
  const watching = watch().catch(fail);
  const opening = StepLedger.open({ ...options, onStepWaits: waits.showSteps, fail });
  try {
    const ledger = await opening;
    const begin = readSteps({ ...options, ledger });
    const exit = await runnerExit(
      options,
      { maxRestarts: mostRestarts, ...options, lives, begin, split: splitMarkers },
      any,
    );
    await components.drain();
    any.throwIfAborted();
    await recorded;
    await blame(options, exit, ledger);
    return await runnerEnd(exit, ledger);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault) || !lossOfRunner.has(error.code)) throw error;
    const [position, ledger] = await Promise.all([lastPosition(options), opening]);
    // A runner that had not started when it was stopped is removed, and was to be.
    return await vanishedEnd(
      options.stopSignal.aborted ? { ...position, stopping: true } : position,
      error.report(),
      ledger,
    );
  } finally {
    over.abort();
    await Promise.all([watching, components.settled()]);
    await recorded;
    const ledger = await opening.catch(() => undefined); // Thrown above.
    await ledger?.close();
  }
}

/** What the runner's log says of an attempt whose runner is not there to be asked. */
async function lastPosition({ logs, run }: FollowOptions): Promise<LogPosition> {
  const streams = await logs.streams(run.taskId);
  const stream = streams.findLast(({ attempt, source }) => attempt === run.attempt && source === 'runner');
  return stream ? (await readTip(logs, stream.id)).position : emptyTip.position;
}

/** Has failed steps tell what has become of the components meanwhile. */
async function blame(
  { containers, runtime, run, stopSignal }: FollowOptions,
  { position }: RunnerExit,
  ledger: StepLedger,
): Promise<void> {
  if (position.verdict?.state !== 'error' || stopSignal.aborted) return;
  const known = (await containers.list(run.taskId)).filter(({ attempt }) => attempt === run.attempt);
  const there = new Set((await runtime.objects(run.testId)).map(({ uid }) => uid));
  const isThere = ({ streamId }: TaskContainer): boolean => streamId.split('/').some((id) => there.has(id));
  ledger.revise((step) => {
    const error = blameComponents(step, known, isThere);
    return error ? { ...step, error } : step;
  });
}
