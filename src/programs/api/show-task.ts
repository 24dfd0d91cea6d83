import type { RetryLimits } from '../../model/attempt.ts';
import type { Task, UndeletedObject } from '../../model/task.ts';

/** Fields with another name in responses than in the record. */
type Renamed = 'debts' | 'retries';

/** A task in a response of the API. */
export type TaskResponse<T extends Pick<Task, Renamed>> = Omit<T, Renamed> & {
  undeletedObjects: UndeletedObject[];
  retries?: Record<keyof RetryLimits, { used: number; max: number }>;
};

/** Converts a task or its summary for a response. Records keep the field names of earlier releases. */
export function toTaskResponse<T extends Pick<Task, Renamed>>({ debts, retries, ...task }: T): TaskResponse<T> {
  const max = ({ used, of }: { used: number; of: number }) => ({ used, max: of });
  const shown = retries && { test: max(retries.test), infrastructure: max(retries.infrastructure) };
  return { ...task, undeletedObjects: debts, retries: shown };
}
