import type { StepSpec } from './flow.ts';

type Ordered = Pick<StepSpec, 'instance' | 'needs'>;

/** The steps that must be over before the step at `index` begins: those that it names, or all before it. */
export function needsOf(steps: readonly Ordered[], index: number): readonly string[] {
  return steps[index]?.needs ?? steps.slice(0, index).map(({ instance }) => instance);
}

/** The steps that are over in any case when the step at `index` begins: those it needs, what these need, and so on. */
export function overBefore(steps: readonly Ordered[], index: number): Set<string> {
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
