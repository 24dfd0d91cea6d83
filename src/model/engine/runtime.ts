import type { PlannedComponent } from '../component.ts';
import type { ContainerView } from '../container.ts';
import type { LogKind } from '../log.ts';
import type { RunIdentity } from '../run.ts';
import type { UndeletedObject } from '../task.ts';
import type { OnWaits } from '../waiting.ts';
import type { WorkFile } from '../work.ts';
import type { PodManifest } from './manifest.ts';

/** Specification of a runner. `manifest` is the rendered template with names, labels and image set. */
export interface RunnerSpec extends RunIdentity {
  manifest: PodManifest;
  /** Work file of the runner; the runtime adds its own part (`runtime`) and mounts it as workPaths.file. */
  work: Omit<WorkFile, 'runtime'>;
  /** Required programs of the plugin store: `from` on this machine, `to` below workPaths.plugins. */
  files: readonly { from: string; to: string }[];
  /** Values of the secrets that the steps refer to, by name; mounted as files in workPaths.secrets. */
  secrets: Readonly<Record<string, string>>;
  /** True when the run deploys components or accesses the engine: it gets a network and the right to create containers. */
  deploys: boolean;
  /** Components that it will deploy; their names resolve from the beginning of the run. */
  components: readonly PlannedComponent[];
}

/** Reference to an existing runner: a pod, or on Docker a container. */
export interface RunnerRef {
  name: string;
  uid: string;
}

/** Current state of a container of a run. */
export interface ContainerState extends ContainerView {
  containerId: string;
  /** Name of its pod; on Docker, of the container itself. */
  name: string;
  /** Pod and container name in a cluster. */
  pod?: { name: string; container: string };
  /** True when the engine rotates its log. */
  logRotates?: boolean;
}

export interface RawLine {
  at: string;
  kind: LogKind;
  text: string;
}

/** A rendered object for a dry run. */
interface DryRunObject {
  kind: 'ConfigMap' | 'Service' | 'StatefulSet';
  manifest: { metadata: { name: string } & Record<string, unknown> } & Record<string, unknown>;
}

/** An object of a run, for lists and for checks that nothing is left. */
export interface RunObject {
  kind: string;
  name: string;
  uid: string;
  labels: Record<string, string>;
}

/** An object with the labels of a run, and its owner if it is marked. */
export interface MarkedObject extends RunObject {
  createdAt: Date;
  /** Absent when created by an earlier release, or by a plugin that sets only the labels. */
  installation?: string;
  taskId?: string;
  runId?: string;
}

/**
 * A runtime for runners and components: a Docker engine or a Kubernetes cluster. Both pass the same contract tests. Every
 * method that waits takes an AbortSignal, and throws a `Fault`.
 */
export interface Runtime {
  readonly kind: 'docker' | 'kubernetes';

  /** Throws when no run can begin now, with the reason. Absent where the program checks the engine itself. */
  check?(signal: AbortSignal): Promise<void>;

  /** Throws `engine_unavailable` when the engine does not answer in time. Absent where every call has a timeout of its own. */
  ping?(signal: AbortSignal): Promise<void>;

  /**
   * Validates an object by a server-side dry run. Throws `template_invalid` with the cluster's message when it rejects the
   * object; other faults mean that the dry run failed. Absent where components are not made from templates.
   */
  dryRun?(object: DryRunObject, signal: AbortSignal): Promise<void>;

  /**
   * Creates and starts the runner of this attempt. Before that, deletes objects of other Temporal runs of the same task and
   * waits until they are gone. A repeated call adopts the existing runner if run id and attempt match. `onWaits` gets the
   * current waits.
   */
  createRunner(spec: RunnerSpec, signal: AbortSignal, onWaits?: OnWaits): Promise<RunnerRef>;

  /**
   * Yields all containers of the run: first the existing ones, then each change, until aborted; after a restart in a pod,
   * the end of the previous container comes first. Throws a Fault when the runner vanishes or cannot start. `onWaits` gets
   * the current waits at every poll.
   */
  watch(run: RunIdentity, signal: AbortSignal, onWaits?: OnWaits): AsyncIterable<ContainerState>;

  /**
   * Yields a container's lines in the order of the engine, in batches: those with a timestamp ≥ `since` (all when undefined).
   * Follows a running container until it has ended and everything was read; with `follow: false` it ends with the current
   * lines. An empty batch means that all lines existing at the time of the request were returned. A container that is gone
   * has no lines and no empty batch. Throws LogTruncatedError when returned lines are gone or the beginning of a log was not
   * read in time, LogLostError when the whole log is gone before the container.
   */
  readLog(
    container: Pick<ContainerState, 'containerId' | 'streamId' | 'pod' | 'startedAt'>,
    since: string | undefined,
    signal: AbortSignal,
    options?: { follow?: boolean },
  ): AsyncIterable<RawLine[]>;

  /** Restarts an exited runner unless it was started since `finishedAt`. Absent where the cluster itself restarts. */
  restart?(runner: RunnerRef, finishedAt: string): Promise<void>;

  /**
   * Sends SIGTERM, then SIGKILL after the terminationGracePeriodSeconds of its manifest. Returns when the container has ended.
   * Ignores a container that is gone, and removes one that never started.
   */
  stop(runner: RunnerRef): Promise<void>;

  /**
   * Deletes the objects of the Temporal run `runId` of the task (of every run when absent) until a list is empty; with
   * `installation`, only objects with its mark. Returns the objects that could not be deleted within the runtime's timeout,
   * with the reason.
   */
  cleanup(
    scope: { testId: string; runId?: string; installation?: string },
    signal: AbortSignal,
  ): Promise<UndeletedObject[]>;

  /** Lists the current objects of a task. */
  listObjects(testId: string): Promise<RunObject[]>;

  /** Lists the current objects of all tasks, including other installations. */
  listAllObjects(): Promise<MarkedObject[]>;
}
