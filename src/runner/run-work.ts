import { dirname, join } from 'node:path';
import { Fault, type FaultReport } from '../model/fault.ts';
import type { WorkFile, WorkStep } from '../model/work.ts';
import { Journal } from './journal.ts';
import type { Output } from './output.ts';

export interface WorkOptions {
  work: WorkFile;
  /** Path of the work file; the checkpoint and the plugins' programs are beside it. */
  file: string;
  output: Output;
  /** Ends the running step and the run, without a verdict. */
  stop: AbortSignal;
}

/**
 * Runs the steps in their order, after the first that fails only those that run always, and says each start and end by a
 * marker. What a run of the same attempt had completed before is not run again. `stopped` when it was told to stop before
 * there was a verdict: then no further step begins, whatever it is.
 */
export async function runWork({ work, file, output, stop }: WorkOptions): Promise<'delivered' | 'stopped'> {
  const directory = dirname(file);
  const journal = await Journal.open(join(directory, 'checkpoint.json'), work.mark, output);
  if (work.earlier && journal.at.done.length === 0) await journal.keep({ done: await doneBefore(work) });
  const { done, failed, lastEnd, verdict } = journal.at;
  if (!verdict) {
    const before = lastEnd && 'instance' in lastEnd ? { resumesAfter: lastEnd.instance } : {};
    await journal.say({ brightbird: 'runner.start', ...before });
  }
  // The crash may have come between keeping them and saying them.
  await journal.repeatEnd();
  await journal.repeatVerdict();
  if (verdict) return 'delivered';

  const over = new Set([...done.map(({ instance }) => instance), ...failed]);
  const skipped: string[] = [];
  for (const step of work.steps) {
    if (over.has(step.instance)) continue;
    if (journal.at.failed.length > 0 && !step.always) skipped.push(step.instance);
    else if (stop.aborted) return 'stopped';
    else if ((await runOne({ work, step, directory, output, journal, stop })) === 'stopped') return 'stopped';
  }
  const [failedStep] = journal.at.failed;
  await journal.judge(
    failedStep === undefined
      ? { brightbird: 'runner.end', state: 'success' }
      : { brightbird: 'runner.end', state: 'error', failedStep, ...(skipped.length > 0 && { skipped }) },
  );
  return 'delivered';
}

/** The code is loaded only by a retry: the runner's start must be quick. */
async function doneBefore(work: WorkFile) {
  const { earlierSteps } = await import('./earlier-steps.ts');
  return earlierSteps(work);
}

interface OneStep extends Pick<WorkOptions, 'work' | 'output' | 'stop'> {
  step: WorkStep;
  directory: string;
  journal: Journal;
}

async function runOne({ work, step, directory, output, journal, stop }: OneStep): Promise<'over' | 'stopped'> {
  const { instance } = step;
  const { done, failed } = journal.at;
  const nodes = Object.fromEntries(done.map((one) => [one.instance, one.state]));
  // Loaded with the first step: a restart that only repeats its verdict, or an empty run, need not wait for it.
  const { runTries } = await import('./run-tries.ts');
  const { tries, ...ended } = await runTries({ work, step, nodes, directory, output }, journal, stop);
  const end = { brightbird: 'step.end', instance, ...(tries && { tries }) } as const;
  if ('state' in ended) {
    const { state } = ended;
    await journal.end({ ...end, state: 'success', outputs: state.output }, { done: [...done, { instance, state }] });
  } else if (stop.aborted) {
    await journal.say({ ...end, state: 'canceled' });
    return 'stopped';
  } else {
    const error = await reportOf(ended.error, step, output);
    await journal.end({ ...end, state: 'error', error }, { failed: [...failed, instance] });
  }
  return 'over';
}

/** A failure as its marker carries it. What was not foreseen is a defect: its stack goes to the log. */
async function reportOf(error: unknown, { instance }: WorkStep, output: Output): Promise<FaultReport> {
  const known = error instanceof Fault;
  if (!known) await output.write('err', `${error instanceof Error ? error.stack : String(error)}\n`);
  const fault = known ? error : new Fault('internal', error instanceof Error ? error.message : String(error));
  return { ...fault.report(), where: { ...fault.where, step: instance } };
}
