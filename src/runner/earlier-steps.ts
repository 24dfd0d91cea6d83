import { maskJson } from '../model/mask.ts';
import type { Checkpoint, NodeState } from './checkpoint.ts';
import type { StepRun } from './kinds/kind.ts';
import { prepareInput } from './prepare-input.ts';

/**
 * Returns the steps whose results a retry reuses, as if they had just succeeded: with the outputs of earlier attempts, and
 * with inputs that are prepared again from these.
 */
export async function restoreSteps({
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
    const state = { input: maskJson(input, mask) as NodeState['input'], output };
    // The inputs of steps that do not run again may contain masked values.
    nodes[step.instance] = state;
    done.push({ instance: step.instance, state: { ...state, masked: work.masked?.[step.instance] } });
  }
  return done;
}
