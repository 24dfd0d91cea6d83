import type { TaskContainer } from '../container.ts';

/** Store of the containers of tasks, for later inspection. */
export interface ContainerStore {
  /** Stores the observed state of a container; never overwrites a later state. */
  put(taskId: string, container: TaskContainer): Promise<void>;
  /** Lists the containers of a task, unordered. */
  list(taskId: string): Promise<TaskContainer[]>;
  delete(taskId: string): Promise<void>;
}
