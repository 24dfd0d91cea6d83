import type { Issue } from '../../model/fault.ts';
import type { StepSpec } from '../../model/flow.ts';
import { hintFor } from './closest-match.ts';

/** Returns the issues of the `needs` of the step at `index`, each with its index in the list. */
export function checkNeeds(steps: readonly StepSpec[], index: number): (Issue & { at: number })[] {
  const { instance, needs } = steps[index] ?? {};
  if (!needs) return [];
  const names = steps.map((step) => step.instance);
  const before = names.slice(0, index);
  return needs.flatMap((name, at) => {
    if (needs.indexOf(name) < at) return [{ at, message: `"${name}" is listed twice` }];
    if (before.includes(name)) return [];
    if (name === instance) return [{ at, message: 'the step needs itself', hint: 'name steps before it' }];
    if (names.includes(name)) {
      return [{ at, message: `"${name}" comes later than this step`, hint: `move "${name}" before it` }];
    }
    return [{ at, message: `no step is named "${name}"`, hint: hintFor(name, before, 'steps before it') }];
  });
}
