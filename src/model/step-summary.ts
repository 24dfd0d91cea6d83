import type { StepProgress, StepState } from './step.ts';
import { truncateFault } from './truncate-fault.ts';

/** Summary of an attempt's steps for a workflow, of bounded size. */
export interface StepSummary {
  /** Number of steps by state. */
  counts: Partial<Record<StepState, number>>;
  /** The first failed or canceled steps, in the order of the flow. */
  failed: StepProgress[];
  /** The first running steps. */
  running: StepProgress[];
}

/** Maximum number of steps of each kind in a summary. */
const maxNamed = 10;

/** Summarizes the steps of an attempt; always includes the step `failedStep`, which made the test fail. */
export function summarizeSteps(steps: readonly StepProgress[], failedStep?: string): StepSummary {
  const counts: StepSummary['counts'] = {};
  for (const { state } of steps) counts[state] = (counts[state] ?? 0) + 1;
  const failed = steps.filter(({ state }) => state === 'error' || state === 'canceled');
  const named = failed.slice(0, maxNamed);
  const first = failed.find(({ instance }) => instance === failedStep);
  if (first && !named.includes(first)) named.splice(-1, 1, first);
  return {
    counts,
    failed: named.map((step) => (step.error ? { ...step, error: truncateFault(step.error) } : step)),
    running: steps.filter(({ state }) => state === 'running').slice(0, maxNamed),
  };
}

/** Returns the steps of a flow in order, pending unless known, followed by known steps that are not in the flow. */
export function addPendingSteps(
  order: readonly { instance: string }[],
  known: readonly StepProgress[],
): StepProgress[] {
  const found = new Map(known.map((step) => [step.instance, step]));
  const steps = order.map(({ instance }): StepProgress => found.get(instance) ?? { instance, state: 'pending' });
  const names = new Set(order.map(({ instance }) => instance));
  return [...steps, ...known.filter(({ instance }) => !names.has(instance))];
}
