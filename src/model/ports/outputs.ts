/** Outputs of steps, apart from the task's record: they may be large. */
export interface OutputStore {
  /** Stores the outputs of a step; `masked` are the paths of values that contained a secret. */
  put(
    taskId: string,
    attempt: number,
    instance: string,
    outputs: Record<string, unknown>,
    masked?: string[][],
  ): Promise<void>;
  masked(taskId: string, attempt: number): Promise<Record<string, string[][]>>;
  all(taskId: string, attempt: number): Promise<Record<string, Record<string, unknown>>>;
  /** Deletes the outputs of attempts 1 … `attempts` of a task. */
  delete(taskId: string, attempts: number): Promise<void>;
}
