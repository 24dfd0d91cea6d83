import type { Task, UndeletedObject } from '../../model/task.ts';

/** A task in a response of the API; times are ISO 8601 strings. */
export type ApiTask = Omit<Task, 'times' | 'debts' | 'retries'> & {
  times: Record<string, string | undefined>;
  undeletedObjects: UndeletedObject[];
};
