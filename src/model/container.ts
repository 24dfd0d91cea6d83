import type { FaultReport } from './fault.ts';

/** The state of a container, independent of the runtime. */
export interface ContainerView {
  /**
   * `<podUid>/<containerId>`, stable for the container's lifetime. On Docker a restart keeps it; in a cluster a restart is
   * another container of the pod.
   */
  streamId: string;
  /** `runner`, or the display name of a component's container, such as `greeter-0`. */
  source: string;
  role: 'runner' | 'component';
  running: boolean;
  startedAt?: string;
  /** Time of the newest exit; set while the container does not run. */
  finishedAt?: string;
  exitCode?: number;
  outOfMemory?: boolean;
  /** Number of earlier restarts by the cluster; absent where the supervisor itself restarts and counts. */
  restarts?: number;
  /** Reason why it was ended from outside, or will not be restarted. */
  fault?: FaultReport;
}

/** The latest observed state of a container of a task; in a cluster, each restart is a separate container. */
export interface TaskContainer extends ContainerView {
  attempt: number;
  /** Name of its pod; on Docker, of the container itself. */
  pod: string;
  /** Its name inside its pod; only in a cluster. */
  container?: string;
}
