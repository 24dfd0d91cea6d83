import type { CleanupDebt, Task } from '../../model/task.ts';

/** A task as the API gives it: times are texts. */
export type ApiTask = Omit<Task, 'times' | 'debts' | 'retries'> & {
  times: Record<string, string | undefined>;
  undeletedObjects: CleanupDebt[];
};
