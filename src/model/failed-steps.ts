import type { FaultReport } from './fault.ts';
import type { StepSpec } from './flow.ts';
import { needsOf } from './needs.ts';
import type { StepProgress } from './step.ts';

/** The step by which a test has failed: the one that its error names, else the first that failed or was stopped. */
export function failedStep(steps: readonly StepProgress[], error: FaultReport | undefined): StepProgress | undefined {
  const failed = steps.filter(({ state }) => state === 'error' || state === 'canceled');
  return failed.find(({ instance }) => instance === error?.where?.step) ?? failed[0];
}

/** The steps whose results a retry keeps: they have succeeded, and need none that runs again. */
export function keptSteps(
  order: readonly Pick<StepSpec, 'instance' | 'needs'>[],
  steps: readonly StepProgress[],
): StepProgress[] {
  const kept = new Map<string, StepProgress>();
  for (const [index, { instance }] of order.entries()) {
    const step = steps.find((one) => one.instance === instance);
    if (step?.state === 'success' && needsOf(order, index).every((name) => kept.has(name))) kept.set(instance, step);
  }
  return [...kept.values()];
}
