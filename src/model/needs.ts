import type { StepSpec } from './flow.ts';

type Ordered = Pick<StepSpec, 'instance' | 'needs'>;

/** Returns the steps that must finish before the step at `index` begins: its `needs`, or all earlier steps. */
export function needsOf(steps: readonly Ordered[], index: number): readonly string[] {
  return steps[index]?.needs ?? steps.slice(0, index).map(({ instance }) => instance);
}

/** Returns the steps that have certainly finished when the step at `index` begins: its needs, transitively. */
export function finishedBefore(steps: readonly Ordered[], index: number): Set<string> {
  const over = new Set<string>(needsOf(steps, index));
  if (!steps[index]?.needs) return over;
  for (let at = index - 1; at >= 0; at -= 1) {
    const { instance, needs } = steps[at] ?? {};
    if (instance === undefined || !over.has(instance)) continue;
    for (const name of needsOf(steps, at)) over.add(name);
    if (!needs) break;
  }
  return over;
}
