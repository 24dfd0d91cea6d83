import { setTimeout } from 'node:timers/promises';
import { Fault, faultCatalogue } from '../model/fault.ts';
import { makeArtifactFolder } from './artifacts.ts';
import type { NodeState } from './checkpoint.ts';
import type { Journal } from './journal.ts';
import type { StepRun } from './kinds/kind.ts';
import { runStep } from './run-step.ts';

/** What became of a step: its last try's state or error, and for a step with `retry` which try that was. */
export type TriesEnd = { tries?: number } & ({ state: NodeState } | { error: unknown });

/**
 * Runs a step as often as its `retry` allows, until a try succeeds, and says each begin by a marker. A try that a crash of
 * the runner cut short has not failed, and is made again. A stop is an error too.
 */
export async function runTries(
  run: Omit<StepRun, 'input' | 'signal'>,
  journal: Journal,
  stop: AbortSignal,
): Promise<TriesEnd> {
  const { step, output } = run;
  const { attempts = 1, delayMs = 0 } = step.retry ?? {};
  for (let count = (journal.at.failedTries?.[step.instance] ?? 0) + 1; ; count += 1) {
    const wait = count > 1 ? delayMs : 0;
    const tries = step.retry && { tries: count };
    await journal.say({ brightbird: 'step.start', instance: step.instance, ...tries });
    if (tries) await output.print(`try ${count} of ${attempts}${wait > 0 ? `, in ${wait / 1000} s` : ''}`);
    try {
      await makeArtifactFolder(run.directory, step.instance);
      if (wait > 0) await setTimeout(wait, undefined, { signal: stop });
      return { ...tries, state: await runStep(run, stop) };
    } catch (error) {
      if (stop.aborted || count >= attempts || isFinal(error)) return { ...tries, error };
      // On stdout as the markers: an engine does not keep the order of lines of two streams.
      await output.print(`try ${count} failed: ${reasonOf(error)}`);
    }
    await journal.keepTries(step.instance, count);
  }
}

/** A wrong input or plugin is as wrong the next time. */
function isFinal(error: unknown): boolean {
  return error instanceof Fault && faultCatalogue[error.code].outcome === 'configuration';
}

/** Of what was not foreseen, the stack: it is a defect. */
function reasonOf(error: unknown): string {
  if (error instanceof Fault) return error.message;
  return error instanceof Error ? `${error.stack}` : String(error);
}
