import type { BuildState } from './build.ts';
import type { Outcome } from './outcome.ts';
import type { TaskState } from './task-state.ts';

/** Current numbers of records, for monitoring. */
export interface Counts {
  /** Recorded tasks by state; 0 for a state without tasks. */
  tasks: Record<TaskState, number>;
  /** Recorded tasks that have ended, by outcome; `none` for successful ones. */
  ended: Record<Outcome | 'none', number>;
  /** Objects that could not be deleted, by kind. */
  undeletedObjects: Record<string, number>;
  tasksWithUndeletedObjects: number;
  /** Webhooks waiting for dispatch, and webhooks whose dispatch was abandoned. */
  deliveries: Record<'waiting' | 'parked', number>;
  /** Existing objects on the engine or in the cluster that no task needs. */
  orphans: Record<'unmarked' | 'unremovable', number>;
  builds: Record<Extract<BuildState, 'waiting' | 'running'>, number>;
}
