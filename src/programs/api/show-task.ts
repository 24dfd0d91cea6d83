import type { RetryLimits } from '../../model/attempt.ts';
import type { CleanupDebt, Task } from '../../model/task.ts';

/** The fields that an answer names otherwise than the record does. */
type Renamed = 'debts' | 'retries';

/** A task in the words of the API. */
export type ShownTask<T extends Pick<Task, Renamed>> = Omit<T, Renamed> & {
  undeletedObjects: CleanupDebt[];
  retries?: Record<keyof RetryLimits, { used: number; max: number }>;
};

/** Returns a task, whole or in summary, as the API describes it. Records keep the names that earlier releases stored. */
export function showTask<T extends Pick<Task, Renamed>>({ debts, retries, ...task }: T): ShownTask<T> {
  const max = ({ used, of }: { used: number; of: number }) => ({ used, max: of });
  const shown = retries && { test: max(retries.test), infrastructure: max(retries.infrastructure) };
  return { ...task, undeletedObjects: debts, ...(shown && { retries: shown }) };
}
