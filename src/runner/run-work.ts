import { dirname, join } from 'node:path';
import { Fault, type FaultReport } from '../model/fault.ts';
import type { WorkFile, WorkStep } from '../model/work.ts';
import { type Checkpoint, loadCheckpoint, type NodeState, saveCheckpoint } from './checkpoint.ts';
import { type MarkerBody, type Output, stamp } from './output.ts';

export interface WorkOptions {
  work: WorkFile;
  /** Path of the work file; the checkpoint and the plugins' programs are beside it. */
  file: string;
  output: Output;
  /** Ends the running step and the run, without a verdict. */
  stop: AbortSignal;
}

/**
 * Runs the steps in their order, up to the first that fails, and says each start and end by a marker. What a run of the
 * same attempt had completed before is not run again. `stopped` when it was told to stop before there was a verdict.
 */
export async function runWork({ work, file, output, stop }: WorkOptions): Promise<'delivered' | 'stopped'> {
  const directory = dirname(file);
  const save = (checkpoint: Checkpoint): Promise<void> =>
    saveCheckpoint(join(directory, 'checkpoint.json'), checkpoint);
  const print = (body: MarkerBody): Promise<void> => output.repeat(stamp(body, work.mark));
  let at = await loadCheckpoint(join(directory, 'checkpoint.json'), work.mark);
  const deliver = async (): Promise<'delivered'> => {
    if (at.lastEnd) await output.repeat(at.lastEnd);
    if (at.verdict) await output.repeat(at.verdict);
    return 'delivered';
  };
  if (at.verdict) return deliver();
  await print({ brightbird: 'runner.start', ...(at.done.length > 0 && { resumesAfter: at.done.at(-1)?.instance }) });
  // The crash may have come between saving a step's end and printing it.
  if (at.lastEnd) await output.repeat(at.lastEnd);

  for (const step of work.steps.slice(at.done.length)) {
    if (stop.aborted) return 'stopped';
    const { instance } = step;
    await print({ brightbird: 'step.start', instance });
    const nodes = Object.fromEntries(at.done.map((one) => [one.instance, one.state]));
    let state: NodeState;
    try {
      // Loaded with the first step: a restart that only repeats its verdict, or an empty run, need not wait for it.
      const { runStep } = await import('./run-step.ts');
      state = await runStep({ work, step, nodes, directory, output }, stop);
    } catch (error) {
      if (stop.aborted) {
        await print({ brightbird: 'step.end', instance, state: 'canceled' });
        return 'stopped';
      }
      const report = await reportOf(error, step, output);
      const lastEnd = stamp({ brightbird: 'step.end', instance, state: 'error', error: report }, work.mark);
      const verdict = stamp({ brightbird: 'runner.end', state: 'error', failedStep: instance }, work.mark);
      at = { ...at, lastEnd, verdict };
      await save(at);
      return deliver();
    }
    const lastEnd = stamp({ brightbird: 'step.end', instance, state: 'success', outputs: state.output }, work.mark);
    at = { ...at, done: [...at.done, { instance, state }], lastEnd };
    await save(at);
    await output.repeat(lastEnd);
  }
  const verdict = stamp({ brightbird: 'runner.end', state: 'success' }, work.mark);
  await save({ ...at, verdict });
  await output.repeat(verdict);
  return 'delivered';
}

/** A failure as its marker carries it. What was not foreseen is a defect: its stack goes to the log. */
async function reportOf(error: unknown, { instance }: WorkStep, output: Output): Promise<FaultReport> {
  const known = error instanceof Fault;
  if (!known) await output.write('err', `${error instanceof Error ? error.stack : String(error)}\n`);
  const fault = known ? error : new Fault('internal', error instanceof Error ? error.message : String(error));
  return { ...fault.report(), where: { ...fault.where, step: instance } };
}
