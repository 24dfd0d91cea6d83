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
  /** Stops the running steps and the run without a verdict. */
  stop: AbortSignal;
}

/**
 * Runs the steps in order, in parallel when their `needs` are met, and after a failure only those with `always`; writes a marker at
 * each start and end. Steps that an earlier run of the same attempt completed are not repeated. Returns `stopped` when it was
 * stopped before the verdict: then no further step starts.
 */
export async function runWork(options: WorkOptions): Promise<'delivered' | 'stopped'> {
  const { work, file, output } = options;
  const directory = dirname(file);
  const journal = await Journal.open(join(directory, 'checkpoint.json'), work.mark, output);
  if (work.earlier && journal.checkpoint.done.length === 0)
    await journal.save({ done: await restoreEarlierSteps(options) });
  const { lastEnd, verdict } = journal.checkpoint;
  if (!verdict) {
    const before = lastEnd && 'instance' in lastEnd ? { resumesAfter: lastEnd.instance } : {};
    await journal.write({ brightbird: 'runner.start', ...before });
  }
  // The crash may have happened after saving them and before writing them.
  await journal.repeatEnd();
  await journal.repeatVerdict();
  if (verdict) return 'delivered';

  const skipped = await runSteps({ ...options, directory, journal });
  if (skipped === 'stopped') return 'stopped';
  const [failedStep] = journal.checkpoint.failed;
  await journal.saveVerdict(
    failedStep === undefined
      ? { brightbird: 'runner.end', state: 'success' }
      : { brightbird: 'runner.end', state: 'error', failedStep, ...(skipped.length > 0 && { skipped }) },
  );
  return 'delivered';
}

/** Loads the code only for a retry, as the runner must start quickly. */
async function restoreEarlierSteps(options: WorkOptions) {
  const { restoreSteps } = await import('./earlier-steps.ts');
  return restoreSteps(options);
}

interface Steps extends WorkOptions {
  directory: string;
  journal: Journal;
}

/** Returns the skipped steps, or `stopped` when the running steps have ended after a stop and others have not begun. */
async function runSteps(steps: Steps): Promise<string[] | 'stopped'> {
  const { work, journal, stop } = steps;
  const ended = new Set([...journal.checkpoint.done.map(({ instance }) => instance), ...journal.checkpoint.failed]);
  const running = new Map<string, Promise<void>>();
  const skipped: string[] = [];
  let isStopped = false;
  for (;;) {
    for (const [index, step] of work.steps.entries()) {
      const { instance } = step;
      if (ended.has(instance) || running.has(instance)) continue;
      if (!needsOf(work.steps, index).every((name) => ended.has(name))) continue;
      if (journal.checkpoint.failed.length > 0 && !step.always) {
        skipped.push(instance);
        ended.add(instance);
      } else if (stop.aborted || isStopped) isStopped = true;
      else {
        const run = runOne(steps, step).then((end) => {
          running.delete(instance);
          ended.add(instance);
          isStopped ||= end === 'stopped';
        });
        running.set(instance, run);
      }
    }
    if (running.size === 0) return isStopped ? 'stopped' : skipped;
    await Promise.race(running.values());
  }
}

async function runOne(steps: Steps, step: WorkStep): Promise<'ended' | 'stopped'> {
  const { work, secrets, mysql, mask, directory, output, journal, stop } = steps;
  const { instance } = step;
  const nodes = Object.fromEntries(journal.checkpoint.done.map((one) => [one.instance, one.state]));
  const printed = output.of(instance);
  // Loaded with the first step: an empty run, or a restart that only repeats its verdict, does not need it.
  const { runTries } = await import('./run-tries.ts');
  const { tries, ...ended } = await runTries(
    { work, step, nodes, secrets, mysql, mask, directory, output: printed },
    journal,
    stop,
  );
  const end = { brightbird: 'step.end', instance, ...(tries && { tries }) } as const;
  if ('state' in ended) {
    const { state } = ended;
    await journal.endStep({ ...end, state: 'success', outputs: state.output }, { done: { instance, state } });
  } else if (stop.aborted) {
    await journal.write({ ...end, state: 'canceled' });
    return 'stopped';
  } else {
    const error = await reportOf(ended.error, step, printed);
    await journal.endStep({ ...end, state: 'error', error }, { failed: instance });
  }
  return 'ended';
}

/** Returns the fault report for a failure's marker. An unexpected error is a defect: its stack goes to the log. */
async function reportOf(error: unknown, { instance }: WorkStep, output: StepOutput): Promise<FaultReport> {
  const isFault = error instanceof Fault;
  if (!isFault) await output.write('err', `${error instanceof Error ? error.stack : String(error)}\n`);
  const fault = isFault ? error : new Fault('internal', error instanceof Error ? error.message : String(error));
  return { ...fault.report(), where: { ...fault.where, step: instance } };
}
