import type { FaultReport } from './fault.ts';

/** How a container is, whoever tells it. */
export interface ContainerView {
  /**
   * `<podUid>/<containerId>`: the same for all of the container's life. On Docker a restart goes on with it; in a cluster a
   * restart is another container of the pod.
   */
  streamId: string;
  /** `runner`, or the name that a component's container is shown by, such as `greeter-0`. */
  source: string;
  role: 'runner' | 'component';
  running: boolean;
  startedAt?: string;
  /** Set when it does not run: of its newest end. */
  finishedAt?: string;
  exitCode?: number;
  outOfMemory?: boolean;
  /** How often the cluster had started it again before; absent where the follower itself restarts and counts. */
  restarts?: number;
  /** Why it has ended, where that was not its own doing, or why nothing will start it again. */
  fault?: FaultReport;
}

/** One container of a task as its follower last saw it; where a cluster starts it again, each start is one of its own. */
export interface TaskContainer extends ContainerView {
  attempt: number;
  /** Name of its pod, or on Docker its own. */
  pod: string;
  /** Its name inside its pod, where a cluster has it. */
  container?: string;
}
