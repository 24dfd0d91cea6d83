import type { StepProgress } from './step.ts';
import type { StepWait } from './waiting.ts';

/** Where a line came from: a stream of the program, a marker of the runner (not shown), or BrightBird itself. */
export type LogKind = 'out' | 'err' | 'mark' | 'note';

export interface LogLine {
  /** When the engine took the line, RFC 3339 with nanoseconds where it has them. */
  at: string;
  kind: LogKind;
  text: string;
}

/** Lines that are known to be lost, in the place of what they were. */
export interface LogGap {
  lines?: number;
  from: string;
  to: string;
}

/** How far a stream was read, and all that its follower knows of it: what a new follower goes on from. */
export interface LogPosition {
  /** The greatest stamp of all lines so far; engines' stamps are not monotonic. */
  maxAt: string;
  /** How often the container was started again, and the end (its finishing time) that the last restart answers. */
  restarts: number;
  answeredExit?: string;
  /** The run is being stopped: a runner that ends now is not started again, whoever sees it. */
  stopping?: true;
  /** `maxAt` of when the last gap was found: while it is the same, lines that are missing there are told already. */
  gapAfter?: string;
  /** The engine has nothing more of this log, and had not given out all of it. */
  lost?: true;
  /** The step whose lines come next; in the runner's stream only. */
  step?: string;
  /**
   * In the runner's stream only, from its first marker on: steps that are newer here than in the record of the attempt. Older
   * releases have written all of them.
   */
  steps?: StepProgress[];
  /** How many steps have begun or were skipped, and how many are over for good; older releases have not counted. */
  begun?: number;
  over?: number;
  verdict?: RunnerVerdict;
  /** What steps wait for, as the runner has said; in the runner's stream only. */
  waits?: StepWait[];
  /**
   * Whose markers are believed: the public key of the runner's process, absent until its first marker has come, and the number
   * of the newest. `missed` once a number was left out, as where lines are lost. Absent of releases that did not sign.
   */
  signer?: { key?: string; seq: number; missed?: true };
}

export interface RunnerVerdict {
  state: 'success' | 'error';
  failedStep?: string;
}

/** Which stream of which task or build: one container's life, or a build. `id` is `<podUid>/<containerId>` or `build/<…>`. */
export interface LogStream {
  id: string;
  taskId: string;
  attempt: number;
  /** `runner`, the name of a component's container, or `build:<plugin>`. */
  source: string;
  /** Name of the container's pod, or on Docker of the container. */
  pod?: string;
  /** Several tasks show it: its chunks belong to a build, and stay when one of them is deleted. */
  shared?: true;
}

/** About 64 KB or 1 s of a stream. Written once and never changed; `_id` is `<streamId>/<n>`, n from 0 without holes. */
export interface LogChunk {
  _id: string;
  stream: string;
  n: number;
  /** Step that the lines belong to; a chunk never spans two. */
  step?: string;
  /** In which the lines were printed, where that is not the attempt of the stream: an environment may outlive its attempt. */
  attempt?: number;
  /** Number of the first line inside its stream, from 1; markers have none. */
  firstSeq: number;
  lines: LogLine[];
  gap?: LogGap;
  position: LogPosition;
}
