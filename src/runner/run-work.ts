import { dirname, join } from 'node:path';
import { Fault, type FaultReport } from '../model/fault.ts';
import { needsOf } from '../model/needs.ts';
import type { WorkStep } from '../model/work.ts';
import { Journal } from './journal.ts';
import type { StepRun } from './kinds/kind.ts';
import type { Output, StepOutput } from './output.ts';

export interface WorkOptions extends Pick<StepRun, 'work' | 'secrets' | 'mysql' | 'mask'> {
  /** Path of the work file; the checkpoint and the plugins' programs are beside it. */
  file: string;
  output: Output;
  /** Ends the running step and the run, without a verdict. */
  stop: AbortSignal;
}

/**
 * Runs the steps in their order, those side by side that have what they need, after the first that fails only those that run
 * always, and says each start and end by a marker. What a run of the same attempt had completed before is not run again.
 * `stopped` when it was told to stop before there was a verdict: then no further step begins, whatever it is.
 */
export async function runWork(options: WorkOptions): Promise<'delivered' | 'stopped'> {
  const { work, file, output } = options;
  const directory = dirname(file);
  const journal = await Journal.open(join(directory, 'checkpoint.json'), work.mark, output);
  if (work.earlier && journal.at.done.length === 0) await journal.keep({ done: await doneBefore(options) });
  const { lastEnd, verdict } = journal.at;
  if (!verdict) {
    const before = lastEnd && 'instance' in lastEnd ? { resumesAfter: lastEnd.instance } : {};
    await journal.say({ brightbird: 'runner.start', ...before });
  }
  // The crash may have come between keeping them and saying them.
  await journal.repeatEnd();
  await journal.repeatVerdict();
  if (verdict) return 'delivered';

  const skipped = await runSteps({ ...options, directory, journal });
  if (skipped === 'stopped') return 'stopped';
  const [failedStep] = journal.at.failed;
  await journal.judge(
    failedStep === undefined
      ? { brightbird: 'runner.end', state: 'success' }
      : { brightbird: 'runner.end', state: 'error', failedStep, ...(skipped.length > 0 && { skipped }) },
  );
  return 'delivered';
}

/** The code is loaded only by a retry: the runner's start must be quick. */
async function doneBefore(options: WorkOptions) {
  const { earlierSteps } = await import('./earlier-steps.ts');
  return earlierSteps(options);
}

interface Steps extends WorkOptions {
  directory: string;
  journal: Journal;
}

/** The steps that were skipped; `stopped` once those that ran have ended, and others have not begun. */
async function runSteps(steps: Steps): Promise<string[] | 'stopped'> {
  const { work, journal, stop } = steps;
  const over = new Set([...journal.at.done.map(({ instance }) => instance), ...journal.at.failed]);
  const running = new Map<string, Promise<void>>();
  const skipped: string[] = [];
  let stopped = false;
  for (;;) {
    for (const [index, step] of work.steps.entries()) {
      const { instance } = step;
      if (over.has(instance) || running.has(instance)) continue;
      if (!needsOf(work.steps, index).every((name) => over.has(name))) continue;
      if (journal.at.failed.length > 0 && !step.always) {
        skipped.push(instance);
        over.add(instance);
      } else if (stop.aborted || stopped) stopped = true;
      else {
        const run = runOne(steps, step).then((end) => {
          running.delete(instance);
          over.add(instance);
          stopped ||= end === 'stopped';
        });
        running.set(instance, run);
      }
    }
    if (running.size === 0) return stopped ? 'stopped' : skipped;
    await Promise.race(running.values());
  }
}

async function runOne(steps: Steps, step: WorkStep): Promise<'over' | 'stopped'> {
  const { work, secrets, mysql, mask, directory, output, journal, stop } = steps;
  const { instance } = step;
  const nodes = Object.fromEntries(journal.at.done.map((one) => [one.instance, one.state]));
  const printed = output.of(instance);
  // Loaded with the first step: a restart that only repeats its verdict, or an empty run, need not wait for it.
  const { runTries } = await import('./run-tries.ts');
  const { tries, ...ended } = await runTries(
    { work, step, nodes, secrets, ...(mysql && { mysql }), mask, directory, output: printed },
    journal,
    stop,
  );
  const end = { brightbird: 'step.end', instance, ...(tries && { tries }) } as const;
  if ('state' in ended) {
    const { state } = ended;
    await journal.end({ ...end, state: 'success', outputs: state.output }, { done: { instance, state } });
  } else if (stop.aborted) {
    await journal.say({ ...end, state: 'canceled' });
    return 'stopped';
  } else {
    const error = await reportOf(ended.error, step, printed);
    await journal.end({ ...end, state: 'error', error }, { failed: instance });
  }
  return 'over';
}

/** A failure as its marker carries it. What was not foreseen is a defect: its stack goes to the log. */
async function reportOf(error: unknown, { instance }: WorkStep, output: StepOutput): Promise<FaultReport> {
  const known = error instanceof Fault;
  if (!known) await output.write('err', `${error instanceof Error ? error.stack : String(error)}\n`);
  const fault = known ? error : new Fault('internal', error instanceof Error ? error.message : String(error));
  return { ...fault.report(), where: { ...fault.where, step: instance } };
}
