/**
 * What a task may wait for. Those of pods have Kubernetes' meaning: `unschedulable`, no node takes the pod (condition
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

/** What a task waits for, and since when (ISO 8601 in UTC). */
export interface Waiting {
  reason: WaitingReason;
  message: string;
  since: string;
  /** `runner`, or the component that waits, by the name of its lines in the log; absent where it is the task as a whole. */
  source?: string;
}

/** The pod, or on Docker the container, that waits. */
interface WaitingPod {
  name: string;
  /** Absent while it is not made. */
  uid?: string;
  role: 'runner' | 'component';
}

/** What a runner or a component waits for, as its runtime sees it now; without `since` where the runtime cannot know. */
export interface RuntimeWait extends Omit<Waiting, 'since'> {
  since?: string;
  pod?: WaitingPod;
}

/** What a step of a run waits for, as its runner says. */
export interface StepWait extends Waiting {
  instance: string;
  source: string;
}

/** Told by what deploys a component of a step: what that waits for from now on, or that it goes on. */
export type OnStepWait = (wait: Pick<StepWait, 'reason' | 'message' | 'source'> | undefined) => Promise<void>;

/** Told at every look what a run waits for then: nothing, while it goes on. */
export type OnWaits = (waits: readonly RuntimeWait[]) => void;

/** What a run waits for, as it is on record. */
export interface RecordedWait extends Waiting {
  pod?: WaitingPod;
}
