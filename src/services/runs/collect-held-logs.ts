import { setImmediate as turn } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import type { RunIdentity } from '../../model/run.ts';
import { ComponentLogCollector } from './component-log-collector.ts';
import type { SuperviseRunPorts } from './ports.ts';
import { recordContainer } from './record-container.ts';
import { RunnerContainers } from './runner-containers.ts';

export interface CollectHeldLogsOptions extends SuperviseRunPorts {
  run: RunIdentity;
  /** Ends the collection once the lines printed until then are stored. */
  stopSignal: AbortSignal;
  /** Aborts the collection: the lines read are stored, then the signal's reason is thrown. */
  signal: AbortSignal;
}

/**
 * Collects the logs of a held environment's components until `stopSignal` is aborted or the environment is gone. Like
 * `superviseRun` it can be killed at any moment and started again. Throws the faults of the runtime.
 */
export async function collectHeldLogs(options: CollectHeldLogsOptions): Promise<void> {
  const { run, runtime, containers, signal, stopSignal } = options;
  const over = new AbortController();
  const any = AbortSignal.any([signal, over.signal]);
  const fail = (error: unknown): void => over.abort(error);
  const runners = new RunnerContainers();
  const components = new ComponentLogCollector(options, run, any, fail);
  let recording = Promise.resolve();
  const watch = async (): Promise<void> => {
    for await (const state of runtime.watch(run, any)) {
      recording = recording.then(() => recordContainer(containers, run, state)).catch(fail);
      if (state.role === 'runner') runners.update(state);
      else components.update(state);
    }
  };
  const watching = watch().catch(fail);
  try {
    // Also if stopped at once, it has to observe the existing containers first: the runner and the components.
    await runners.until(() => true, any);
    await turn();
    await aborted(AbortSignal.any([stopSignal, any]));
    any.throwIfAborted();
    await components.drain();
    any.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault) || error.code !== 'runner_vanished') throw error;
  } finally {
    over.abort();
    await Promise.all([watching, components.settled()]);
    await recording;
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
