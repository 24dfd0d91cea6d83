import { mapTexts } from '../flows/reference-syntax.ts';
import type { Checkpoint, NodeState } from './checkpoint.ts';
import type { StepRun } from './kinds/kind.ts';
import { prepareInput } from './prepare-input.ts';

/**
 * The steps whose results a retry keeps, as if they had just succeeded: with the outputs of the attempts before, and with
 * their inputs, made again from these.
 */
export async function earlierSteps({
  work,
  secrets,
  mask,
}: Pick<StepRun, 'work' | 'secrets' | 'mask'>): Promise<Checkpoint['done']> {
  const done: Checkpoint['done'] = [];
  const nodes: Record<string, NodeState> = {};
  for (const step of work.steps) {
    const output = work.earlier?.[step.instance];
    if (!output) continue;
    const input = await prepareInput({ work, step, nodes, secrets });
    const state = { input: mapTexts(input, mask) as NodeState['input'], output };
    nodes[step.instance] = state;
    done.push({ instance: step.instance, state });
  }
  return done;
}
