import { boundFault } from './bound-fault.ts';
import type { StepProgress, StepState } from './step.ts';

/** What a workflow hears of the steps of an attempt: its size does not grow with them. */
export interface StepSummary {
  /** How many steps are in which state. */
  counts: Partial<Record<StepState, number>>;
  /** The first of those that have failed or were canceled, in the order of the flow. */
  failed: StepProgress[];
  /** The first of those that are running. */
  running: StepProgress[];
}

/** Steps that a summary names of each kind. */
const maxNamed = 10;

/** Sums up the steps of an attempt; the step `failedStep`, by which the test has failed, is one of those it names. */
export function sumUp(steps: readonly StepProgress[], failedStep?: string): StepSummary {
  const counts: StepSummary['counts'] = {};
  for (const { state } of steps) counts[state] = (counts[state] ?? 0) + 1;
  const failed = steps.filter(({ state }) => state === 'error' || state === 'canceled');
  const named = failed.slice(0, maxNamed);
  const first = failed.find(({ instance }) => instance === failedStep);
  if (first && !named.includes(first)) named.splice(-1, 1, first);
  return {
    counts,
    failed: named.map((step) => (step.error ? { ...step, error: boundFault(step.error) } : step)),
    running: steps.filter(({ state }) => state === 'running').slice(0, maxNamed),
  };
}

/** The steps of a flow in its order, each as it is known or still to come, and behind them what else is known. */
export function planned(order: readonly { instance: string }[], known: readonly StepProgress[]): StepProgress[] {
  const found = new Map(known.map((step) => [step.instance, step]));
  const steps = order.map(({ instance }): StepProgress => found.get(instance) ?? { instance, state: 'pending' });
  const names = new Set(order.map(({ instance }) => instance));
  return [...steps, ...known.filter(({ instance }) => !names.has(instance))];
}
