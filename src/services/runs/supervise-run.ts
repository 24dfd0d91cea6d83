import type { RunnerEnd } from '../../model/activities.ts';
import type { TaskContainer } from '../../model/container.ts';
import type { RunnerRef } from '../../model/engine/runtime.ts';
import { Fault, type FaultCode } from '../../model/fault.ts';
import type { LogPosition } from '../../model/log.ts';
import type { RunIdentity } from '../../model/run.ts';
import type { StepProgress } from '../../model/step.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { emptyStreamHead, readStreamHead } from '../logs/stream-head.ts';
import { createStepSplitter, splitMarkers } from './assign-lines-to-steps.ts';
import type { RunnerExit } from './await-runner-exit.ts';
import { blameComponents } from './component-ends.ts';
import { ComponentLogCollector } from './component-log-collector.ts';
import type { SuperviseRunPorts } from './ports.ts';
import { recordContainer } from './record-container.ts';
import { runnerEnd, vanishedEnd } from './report-end.ts';
import { RunWaits } from './run-waits.ts';
import { RunnerContainers } from './runner-containers.ts';
import { type LedgerPorts, StepLedger } from './step-ledger.ts';
import { superviseRunner } from './supervise-runner.ts';

export type { SuperviseRunPorts };

/** Default limit of restarts of a crashed runner, as in the original. */
const defaultMaxRestarts = 5;

/** Faults that end this runner for good, though another runner may succeed: following it again would find the same. */
const lossCodes: ReadonlySet<FaultCode> = new Set(['runner_vanished', 'node_lost', 'evicted', 'registry_refused']);

export interface SuperviseRunOptions extends SuperviseRunPorts, Pick<LedgerPorts, 'writer' | 'isCurrent' | 'order'> {
  run: RunIdentity;
  runner: RunnerRef;
  /** Token of the attempt in the runner's markers. */
  mark: string;
  maxRestarts?: number;
  /** Called on every change with the steps that have begun, in order. */
  onProgress(steps: StepProgress[]): void;
  /** Called with the waits of the run. */
  onWaits?: OnWaits;
  /** Stops the runner; supervision ends once its log was read to the end. */
  stopSignal: AbortSignal;
  /** Aborts the supervision, not the runner: the lines read are stored, then the signal's reason is thrown. */
  signal: AbortSignal;
}

/**
 * Supervises a run until its runner ends: collects the logs of its containers, restarts the runner after a crash, and reads
 * the verdict. All state is in the store, so it can be killed at any moment and started again; of two supervisors, only the
 * later one writes the steps. A vanished runner counts as an end; other faults of the runtime are thrown.
 */
export async function superviseRun(options: SuperviseRunOptions): Promise<RunnerEnd> {
  const { run, runtime, signal } = options;
  const over = new AbortController();
  const any = AbortSignal.any([signal, over.signal]);
  const fail = (error: unknown): void => over.abort(error);
  const runners = new RunnerContainers();
  const waits = new RunWaits(options.onWaits);
  const components = new ComponentLogCollector(options, run, any, fail);
  let recording = Promise.resolve();
  const watch = async (): Promise<void> => {
    for await (const state of runtime.watch(run, any, waits.setRuntimeWaits)) {
      recording = recording.then(() => recordContainer(options.containers, run, state)).catch(fail);
      if (state.role === 'runner') runners.update(state);
      else components.update(state);
    }
  };
  const watching = watch().catch(fail);
  const opening = StepLedger.open({ ...options, onStepWaits: waits.setStepWaits, fail });
  try {
    const ledger = await opening;
    const begin = createStepSplitter({ ...options, ledger });
    const exit = await superviseRunner(
      options,
      { maxRestarts: defaultMaxRestarts, ...options, runners, begin, split: splitMarkers },
      any,
    );
    await components.drain();
    any.throwIfAborted();
    await recording;
    await blame(options, exit, ledger);
    return await runnerEnd(exit, ledger);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault) || !lossCodes.has(error.code)) throw error;
    const [position, ledger] = await Promise.all([lastPosition(options), opening]);
    // A runner that is stopped before its start is removed: that is not a fault.
    return await vanishedEnd(
      options.stopSignal.aborted ? { ...position, stopping: true } : position,
      error.report(),
      ledger,
    );
  } finally {
    over.abort();
    await Promise.all([watching, components.settled()]);
    await recording;
    const ledger = await opening.catch(() => undefined); // Thrown above.
    await ledger?.close();
  }
}

/** Returns the last stored position of the runner's log, for a runner that is gone. */
async function lastPosition({ logs, run }: SuperviseRunOptions): Promise<LogPosition> {
  const streams = await logs.streams(run.taskId);
  const stream = streams.findLast(({ attempt, source }) => attempt === run.attempt && source === 'runner');
  return stream ? (await readStreamHead(logs, stream.id)).position : emptyStreamHead.position;
}

/** Adds the components that were lost to the errors of failed steps. */
async function blame(
  { containers, runtime, run, stopSignal }: SuperviseRunOptions,
  { position }: RunnerExit,
  ledger: StepLedger,
): Promise<void> {
  if (position.verdict?.state !== 'error' || stopSignal.aborted) return;
  const known = (await containers.list(run.taskId)).filter(({ attempt }) => attempt === run.attempt);
  const existing = new Set((await runtime.listObjects(run.testId)).map(({ uid }) => uid));
  const isThere = ({ streamId }: TaskContainer): boolean => streamId.split('/').some((id) => existing.has(id));
  ledger.revise((step) => {
    const error = blameComponents(step, known, isThere);
    return error ? { ...step, error } : step;
  });
}
