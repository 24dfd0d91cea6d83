import { setImmediate as turn } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import type { RunIdentity } from '../../model/run.ts';
import { Components } from './components.ts';
import { Lives } from './lives.ts';
import type { FollowPorts } from './ports.ts';
import { recordContainer } from './record-container.ts';

export interface HeldOptions extends FollowPorts {
  run: RunIdentity;
  /** Ends following once what the components have printed until then is stored. */
  stopSignal: AbortSignal;
  /** Lets go: what was read is stored, then the signal's reason is thrown. */
  signal: AbortSignal;
}

/**
 * Keeps what the components of a held environment print, until it is told to stop or the environment is gone. Like `follow`
 * it may be killed at any moment and begun again. Throws the faults of the runtime.
 */
export async function followHeld(options: HeldOptions): Promise<void> {
  const { run, runtime, containers, signal, stopSignal } = options;
  const over = new AbortController();
  const any = AbortSignal.any([signal, over.signal]);
  const fail = (error: unknown): void => over.abort(error);
  const lives = new Lives();
  const components = new Components(options, run, any, fail);
  let recorded = Promise.resolve();
  const watch = async (): Promise<void> => {
    for await (const state of runtime.watch(run, any)) {
      recorded = recorded.then(() => recordContainer(containers, run, state)).catch(fail);
      if (state.role === 'runner') lives.show(state);
      else components.show(state);
    }
  };
  const watching = watch().catch(fail);
  try {
    // Told to stop at once, it still has to see what there is: the runner, and its components with it.
    await lives.until(() => true, any);
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
    await recorded;
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
