import type { StepProgress } from './step.ts';
import type { StepWait } from './waiting.ts';

/** Source of a line: a stream of the program, a marker of the runner (not shown), or BrightBird itself. */
export type LogKind = 'out' | 'err' | 'mark' | 'note';

export interface LogLine {
  /** Timestamp of the engine, RFC 3339 with nanoseconds if available. */
  at: string;
  kind: LogKind;
  text: string;
}

/** A gap in place of lines that are known to be lost. */
export interface LogGap {
  lines?: number;
  from: string;
  to: string;
}

/** The read offset of a stream with the reader's state, from which a new reader resumes. */
export interface LogPosition {
  /** Greatest timestamp of all lines so far; engines' timestamps are not monotonic. */
  maxAt: string;
  /** Number of restarts of the container, and the finish time of the exit that the last restart followed. */
  restarts: number;
  answeredExit?: string;
  /** Set while the run is being stopped: a runner that exits now is not restarted. */
  stopping?: true;
  /** `maxAt` when the last gap was found: while it is unchanged, missing lines there have already been reported. */
  gapAfter?: string;
  /** Set when the engine lost this log before all of it was read. */
  lost?: true;
  /** Step of the next lines; only in the runner's stream. */
  step?: string;
  /**
   * Steps that are newer here than in the record of the attempt; only in the runner's stream, from its first marker on.
   * Earlier releases wrote all steps.
   */
  steps?: StepProgress[];
  /** Number of steps that have begun or were skipped, and of finished steps; absent from earlier releases. */
  begun?: number;
  over?: number;
  verdict?: RunnerVerdict;
  /** Waits of steps, as reported by the runner; only in the runner's stream. */
  waits?: StepWait[];
  /**
   * Trusted signer of markers: the public key of the runner's process, absent before its first marker, and the number of the
   * newest marker. `missed` is set once a number was skipped, because lines were lost. Absent from releases without signatures.
   */
  signer?: { key?: string; seq: number; missed?: true };
}

export interface RunnerVerdict {
  state: 'success' | 'error';
  failedStep?: string;
}

/** A log stream: the lifetime of a container, or a build. `id` is `<podUid>/<containerId>` or `build/<…>`. */
export interface LogStream {
  id: string;
  taskId: string;
  attempt: number;
  /** `runner`, the name of a component's container, or `build:<plugin>`. */
  source: string;
  /** Name of the container's pod; on Docker, of the container. */
  pod?: string;
  /** Set for a stream of a build, shown by several tasks: its chunks stay when one of them is deleted. */
  shared?: true;
}

/** About 64 KB or 1 s of a stream. Immutable; `_id` is `<streamId>/<n>`, with consecutive n from 0. */
export interface LogChunk {
  _id: string;
  stream: string;
  n: number;
  /** Step that the lines belong to; a chunk never spans two. */
  step?: string;
  /** Attempt of the lines, if different from that of the stream: an environment may outlive its attempt. */
  attempt?: number;
  /** Number of the first line inside its stream, from 1; markers are not counted. */
  firstSeq: number;
  lines: LogLine[];
  gap?: LogGap;
  position: LogPosition;
}
