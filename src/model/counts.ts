import type { BuildState } from './build.ts';
import type { Outcome } from './outcome.ts';
import type { TaskState } from './task-state.ts';

/** How many records there are right now, for those who watch over the product. */
export interface Counts {
  /** Tasks on record by their state; a state without tasks has 0. */
  tasks: Record<TaskState, number>;
  /** Tasks on record that have ended, by whose fault it was; `none` of those that succeeded. */
  ended: Record<Outcome | 'none', number>;
  /** Objects that could not be removed, by kind. */
  debts: Record<string, number>;
  indebtedTasks: number;
  /** Webhooks that wait for their dispatch, and those that were given up. */
  deliveries: Record<'waiting' | 'parked', number>;
  /** Objects on the engine or in the cluster that no task needs and that are still there. */
  orphans: Record<'unmarked' | 'unremovable', number>;
  builds: Record<Extract<BuildState, 'waiting' | 'running'>, number>;
}
