import type { PlannedComponent } from '../component.ts';
import type { ContainerView } from '../container.ts';
import type { LogKind } from '../log.ts';
import type { RunIdentity } from '../run.ts';
import type { CleanupDebt } from '../task.ts';
import type { OnWaits } from '../waiting.ts';
import type { WorkFile } from '../work.ts';
import type { PodManifest } from './manifest.ts';

/** What a runner is made of. `manifest` is the rendered template with names, labels and image set. */
export interface RunnerSpec extends RunIdentity {
  manifest: PodManifest;
  /** What the runner has to do; the runtime adds its own part (`runtime`) and mounts it as workPaths.file. */
  work: Omit<WorkFile, 'runtime'>;
  /** Programs of the plugin store that the run needs: `from` on this machine, `to` below workPaths.plugins. */
  files: readonly { from: string; to: string }[];
  /** Values of the secrets that the steps refer to, by name; mounted as files in workPaths.secrets. */
  secrets: Readonly<Record<string, string>>;
  /** The run deploys components, or talks to the engine, so it gets a network and the right to make containers. */
  deploys: boolean;
  /** The components that it will deploy, which have their names in the run from its beginning on. */
  components: readonly PlannedComponent[];
}

/** A runner that exists: a pod, or on Docker a container. */
export interface RunnerRef {
  name: string;
  uid: string;
}

/** One container of a run, as it is now. */
export interface ContainerState extends ContainerView {
  containerId: string;
  /** Name of its pod, or on Docker its own. */
  name: string;
  /** Where a cluster has the container. */
  pod?: { name: string; container: string };
  /** Its log loses its beginning when it gets long. */
  logRotates?: boolean;
}

export interface RawLine {
  at: string;
  kind: LogKind;
  text: string;
}

/** An object as a template makes it. */
interface TrialObject {
  kind: 'ConfigMap' | 'Service' | 'StatefulSet';
  manifest: { metadata: { name: string } & Record<string, unknown> } & Record<string, unknown>;
}

/** An object of a run, for lists and proofs that nothing is left. */
export interface RunObject {
  kind: string;
  name: string;
  uid: string;
  labels: Record<string, string>;
}

/** An object with the labels of a run, and whose it is as far as it says so. */
export interface MarkedObject extends RunObject {
  createdAt: Date;
  /** Absent of what was made by an older version, or by a plugin that knows labels alone. */
  installation?: string;
  taskId?: string;
  runId?: string;
}

/**
 * Where runners and components live: a Docker engine or a Kubernetes cluster. Both keep the same promises, which the
 * contract tests hold them to. Every method takes an AbortSignal where it waits, and throws a `Fault`.
 */
export interface Runtime {
  readonly kind: 'docker' | 'kubernetes';

  /** Throws why no run can begin there now. Absent where the program looks at the engine itself. */
  check?(signal: AbortSignal): Promise<void>;

  /** Throws `engine_unavailable` when it does not answer in time. Absent where every call has a limit of its own. */
  ping?(signal: AbortSignal): Promise<void>;

  /**
   * Has the cluster say whether it would take an object, without making it. Throws `template_invalid` with its words when it would not;
   * other faults say why it cannot be asked. Absent where components are not made from templates.
   */
  dryRun?(object: TrialObject, signal: AbortSignal): Promise<void>;

  /**
   * Creates and starts the runner of this attempt. Before that, removes objects of other Temporal runs of the same task and
   * waits until they are gone. Called again, it adopts what exists if run id and attempt match. `onWaits` hears what it waits for.
   */
  createRunner(spec: RunnerSpec, signal: AbortSignal, onWaits?: OnWaits): Promise<RunnerRef>;

  /**
   * All containers of the run: first those that exist, then each change, until aborted; of a pod whose container was started
   * again, the end of the one before comes first. Ends in a Fault when the runner vanishes or cannot start. `onWaits` hears at
   * every look what the run waits for.
   */
  watch(run: RunIdentity, signal: AbortSignal, onWaits?: OnWaits): AsyncIterable<ContainerState>;

  /**
   * A container's lines in the order of the engine, in batches: those whose stamp is ≥ `since` (all when undefined).
   * Follows a running container, and ends when it has ended and everything was read; with `follow: false` it ends with
   * what is there now. An empty batch says that all that the engine had when it was asked has been given out. A container
   * that is gone has no lines, and no empty batch. Throws LogCut when lines
   * that were given out are gone, or the beginning of a log was not read in time; LogLost when all of it is gone before the container.
   */
  readLog(
    container: Pick<ContainerState, 'containerId' | 'streamId' | 'pod' | 'startedAt'>,
    since: string | undefined,
    signal: AbortSignal,
    options?: { follow?: boolean },
  ): AsyncIterable<RawLine[]>;

  /** Starts an ended runner again unless it was started since `finishedAt`. Absent where the cluster itself restarts. */
  restart?(runner: RunnerRef, finishedAt: string): Promise<void>;

  /**
   * SIGTERM, then SIGKILL after the terminationGracePeriodSeconds of its manifest. Returns when the container has ended; one
   * that is gone is no error, and one that never started is removed.
   */
  stop(runner: RunnerRef): Promise<void>;

  /**
   * Removes what the Temporal run `runId` of the task made (of every run when absent), until a list is empty; with
   * `installation`, only what has its mark.
   * What cannot be removed within the runtime's patience is returned as a debt with its reason.
   */
  cleanup(
    scope: { testId: string; runId?: string; installation?: string },
    signal: AbortSignal,
  ): Promise<CleanupDebt[]>;

  /** What exists of a task right now. */
  objects(testId: string): Promise<RunObject[]>;

  /** What exists of all tasks, also of other installations of the product. */
  everything(): Promise<MarkedObject[]>;
}
