import type { RecordedWait } from '../waiting.ts';

/** The waits of tasks. One that is settled waits for nothing. */
export interface WaitStore {
  /** What the task's current run waits for at its current attempt or a later one, and at which. */
  waits(taskId: string): Promise<{ attempt: number; waits: RecordedWait[] }>;
  /**
   * Replaces what the attempt waits for. False, and nothing written, when the task is settled or removed, or when another run or a
   * later attempt has its record.
   */
  recordWaits(
    taskId: string,
    writer: { runId: string; attempt: number },
    waits: readonly RecordedWait[],
  ): Promise<boolean>;
}
