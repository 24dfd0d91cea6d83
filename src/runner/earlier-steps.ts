import { createMask, maskJson } from '../model/mask.ts';
import type { WorkFile } from '../model/work.ts';
import type { Checkpoint, NodeState } from './checkpoint.ts';
import type { StepRun } from './kinds/kind.ts';
import { prepareInput } from './prepare-input.ts';

/**
 * The steps whose results a retry keeps, as if they had just succeeded: with the outputs of the attempts before, and with
 * their inputs, made again from these.
 */
export async function earlierSteps(work: WorkFile, secrets: StepRun['secrets']): Promise<Checkpoint['done']> {
  const done: Checkpoint['done'] = [];
  const nodes: Record<string, NodeState> = {};
  const mask = createMask(Object.values(secrets));
  for (const step of work.steps) {
    const output = work.earlier?.[step.instance];
    if (!output) continue;
    const input = await prepareInput({ work, step, nodes, secrets });
    const state = { input: maskJson(input, mask) as NodeState['input'], output };
    // The inputs of steps that do not run again may show what is masked.
    nodes[step.instance] = state;
    const masked = work.masked?.[step.instance];
    done.push({ instance: step.instance, state: { ...state, ...(masked && { masked }) } });
  }
  return done;
}
