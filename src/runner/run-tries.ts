import { setTimeout } from 'node:timers/promises';
import { Fault, faultCatalogue } from '../model/fault.ts';
import { createArtifactFolder } from './artifacts.ts';
import type { NodeState } from './checkpoint.ts';
import type { Journal } from './journal.ts';
import type { StepRun } from './kinds/kind.ts';
import { runStep } from './run-step.ts';

/** Result of a step: the state or error of its last try, and for a step with `retry` the number of that try. */
export type TriesEnd = { tries?: number } & ({ state: NodeState } | { error: unknown });

/**
 * Runs a step until a try succeeds or its `retry` is exhausted, and writes a marker at each start. A try that a crash of the
 * runner interrupted does not count as failed and is repeated. A stop is an error too.
 */
export async function runTries(
  run: Omit<StepRun, 'input' | 'signal'>,
  journal: Journal,
  stop: AbortSignal,
): Promise<TriesEnd> {
  const { step, output } = run;
  const { attempts = 1, delayMs = 0 } = step.retry ?? {};
  for (let count = (journal.checkpoint.failedTries?.[step.instance] ?? 0) + 1; ; count += 1) {
    const wait = count > 1 ? delayMs : 0;
    const tries = step.retry && { tries: count };
    await journal.write({ brightbird: 'step.start', instance: step.instance, ...tries });
    if (tries) await output.print(`try ${count} of ${attempts}${wait > 0 ? `, in ${wait / 1000} s` : ''}`);
    try {
      await createArtifactFolder(run.directory, step.instance);
      if (wait > 0) await setTimeout(wait, undefined, { signal: stop });
      return { ...tries, state: await runStep(run, stop) };
    } catch (error) {
      if (stop.aborted || count >= attempts || isFinal(error)) return { ...tries, error };
      // Written to stdout like the markers: an engine does not keep the order of lines across two streams.
      await output.print(`try ${count} failed: ${reasonOf(error)}`);
    }
    await journal.saveTries(step.instance, count);
  }
}

/** Tells whether another try cannot help: an invalid input or plugin stays invalid. */
function isFinal(error: unknown): boolean {
  return error instanceof Fault && faultCatalogue[error.code].outcome === 'configuration';
}

/** Returns the reason of a failed try; for an unexpected error, which is a defect, its stack. */
function reasonOf(error: unknown): string {
  if (error instanceof Fault) return error.message;
  return error instanceof Error ? `${error.stack}` : String(error);
}
