import type { TaskContainer } from '../container.ts';

/** The containers of tasks, for whoever looks at them later. */
export interface ContainerStore {
  /** Keeps what is seen of a container; what was seen later stays. */
  put(taskId: string, container: TaskContainer): Promise<void>;
  /** In no order. */
  list(taskId: string): Promise<TaskContainer[]>;
  delete(taskId: string): Promise<void>;
}
