import type { RecordedWait } from '../waiting.ts';

/** Store of the waits of tasks; a settled task has none. */
export interface WaitStore {
  /** Returns the waits of the task's current run at its current attempt or a later one, with the attempt. */
  waits(taskId: string): Promise<{ attempt: number; waits: RecordedWait[] }>;
  /**
   * Replaces the waits of the attempt. Returns false and writes nothing when the task is settled or deleted, or when another
   * run or a later attempt holds its record.
   */
  recordWaits(
    taskId: string,
    writer: { runId: string; attempt: number },
    waits: readonly RecordedWait[],
  ): Promise<boolean>;
}
