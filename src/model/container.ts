import type { FaultReport } from './fault.ts';

/** One container of a task as its follower last saw it; where a cluster starts it again, each start is one of its own. */
export interface TaskContainer {
  /** That of its log. */
  streamId: string;
  attempt: number;
  /** Name of its pod, or on Docker its own. */
  pod: string;
  /** Its name inside its pod, where a cluster has it. */
  container?: string;
  /** `runner`, or the name that a component's container is shown by. */
  source: string;
  role: 'runner' | 'component';
  running: boolean;
  startedAt?: string;
  finishedAt?: string;
  exitCode?: number;
  outOfMemory?: boolean;
  restarts?: number;
  fault?: FaultReport;
}

/** The containers of tasks, for whoever looks at them later. */
export interface ContainerStore {
  /** Keeps what is seen of a container; what was seen later stays. */
  put(taskId: string, container: TaskContainer): Promise<void>;
  /** In no order. */
  list(taskId: string): Promise<TaskContainer[]>;
  delete(taskId: string): Promise<void>;
}
