import type { FaultReport } from './fault.ts';
import type { StepSpec } from './flow.ts';
import { needsOf } from './needs.ts';
import type { StepProgress } from './step.ts';

/** Returns the step that made a test fail: the step named by its error, else the first that failed or was stopped. */
export function findFailedStep(
  steps: readonly StepProgress[],
  error: FaultReport | undefined,
): StepProgress | undefined {
  const failed = steps.filter(({ state }) => state === 'error' || state === 'canceled');
  return failed.find(({ instance }) => instance === error?.where?.step) ?? failed[0];
}

/** Returns the steps whose results a retry keeps: they succeeded, and depend on no step that runs again. */
export function selectReusableSteps(
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
