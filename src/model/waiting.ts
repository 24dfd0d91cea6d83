/**
 * Reasons why a task waits. Reasons of pods are Kubernetes' own: `unschedulable`, no node fits the pod (condition
 * PodScheduled); `volume_mount`, `image_pull`, `container_creating`, its node prepares it; `restart_backoff`, CrashLoopBackOff.
 */
export const waitingReasons = [
  'no_worker',
  'earlier_task',
  'engine_unavailable',
  'quota_exceeded',
  'unschedulable',
  'volume_mount',
  'image_pull',
  'container_creating',
  'restart_backoff',
] as const;
type WaitingReason = (typeof waitingReasons)[number];

/** The wait of a task; `since` is ISO 8601 in UTC. */
export interface Waiting {
  reason: WaitingReason;
  message: string;
  since: string;
  /** `runner`, or the waiting component, by its source name in the log; absent for the task as a whole. */
  source?: string;
}

/** The waiting pod, or on Docker the container. */
interface WaitingPod {
  name: string;
  /** Absent before it is created. */
  uid?: string;
  role: 'runner' | 'component';
}

/** The current wait of a runner or a component, as seen by its runtime; without `since` when the runtime does not know it. */
export interface RuntimeWait extends Omit<Waiting, 'since'> {
  since?: string;
  pod?: WaitingPod;
}

/** The wait of a step, as reported by its runner. */
export interface StepWait extends Waiting {
  instance: string;
  source: string;
}

/** Callback for the wait of a component during its deployment; undefined when it continues. */
export type OnStepWait = (wait: Pick<StepWait, 'reason' | 'message' | 'source'> | undefined) => Promise<void>;

/** Callback for the current waits of a run at every poll; empty while it makes progress. */
export type OnWaits = (waits: readonly RuntimeWait[]) => void;

/** The recorded wait of a run. */
export interface RecordedWait extends Waiting {
  pod?: WaitingPod;
}
