/** Outputs of steps, apart from the task's record: they may be large. */
export interface OutputStore {
  /** `masked`: the paths of what held a secret. */
  put(
    taskId: string,
    attempt: number,
    instance: string,
    outputs: Record<string, unknown>,
    masked?: string[][],
  ): Promise<void>;
  masked(taskId: string, attempt: number): Promise<Record<string, string[][]>>;
  all(taskId: string, attempt: number): Promise<Record<string, Record<string, unknown>>>;
  /** Removes what attempts 1 … `attempts` of a task have. */
  delete(taskId: string, attempts: number): Promise<void>;
}
