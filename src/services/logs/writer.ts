import type { LogChunk, LogGap, LogLine, LogPosition } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import type { StreamHead } from './stream-head.ts';
import { compareTimestamps } from './timestamps.ts';

/** Maximum size of a chunk in characters, with a fixed overhead for each line. */
const maxChunkLength = 64_000;
const lineOverhead = 50;
/** Maximum time that a line waits before it is written, in milliseconds. */
const flushIntervalMs = 1000;
/** Maximum number of pending chunks before the reader has to wait. */
const maxPendingChunks = 4;

/** Another writer has stored the stream's next chunk: unstored lines must be read again from its position on. */
export class StreamConflictError extends Error {
  override name = 'StreamConflictError';
}

/** Step of a line, and the state of the run after it, if the line changes that. */
export interface LineContext {
  step?: string;
  progress?: Pick<LogPosition, 'step' | 'steps' | 'begun' | 'over' | 'verdict' | 'waits' | 'signer'>;
}

/**
 * Writes one stream: buffers lines into chunks and inserts these in order, never over an existing one. Add lines, await
 * `ready` after every batch, and end with `close`, also after an error, as a timer may be active.
 */
export class LogWriter {
  readonly #logs: LogStore;
  readonly #stream: string;
  readonly #attempt: number | undefined;
  readonly #failed = new AbortController();
  readonly #writes: Promise<void>[] = [];
  #n: number;
  #seq: number;
  #position: LogPosition;
  #step: string | undefined;
  #lines: LogLine[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `attempt` is that of the lines, where it may differ from the stream's. */
  constructor(logs: LogStore, stream: string, { n, seq, position }: StreamHead, attempt?: number) {
    this.#attempt = attempt;
    this.#logs = logs;
    this.#stream = stream;
    this.#n = n;
    this.#seq = seq;
    this.#position = { ...position };
  }

  /** Aborted when a write has failed: later lines are not written. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  add(line: LogLine, { step, progress }: LineContext = {}): void {
    if (step !== this.#step) this.#seal();
    this.#step = step;
    this.#lines.push(line);
    this.#size += line.text.length + lineOverhead;
    if (line.kind !== 'note' && compareTimestamps(line.at, this.#position.maxAt) > 0) this.#position.maxAt = line.at;
    if (progress) {
      const { step: _, steps: _steps, verdict: _verdict, waits: _waits, ...rest } = this.#position;
      this.#position = { ...rest, ...progress };
    }
    if (this.#size >= maxChunkLength) this.#seal();
    else this.#timer ??= setTimeout(() => this.#seal(), flushIntervalMs);
  }

  /** Records lost lines at their place. */
  addGap(gap: LogGap): void {
    this.#seal();
    this.#position = { ...this.#position, gapAfter: this.#position.maxAt };
    this.#write([], gap);
  }

  /** Resolves when more lines can be added. Throws StreamConflictError, or the error of the store. */
  async ready(): Promise<void> {
    while (this.#writes.length > maxPendingChunks) await this.#writes[0];
    this.#failed.signal.throwIfAborted();
  }

  /** Writes the remaining lines and returns the position. Must be the last call. Throws like `ready`. */
  async close(): Promise<LogPosition> {
    this.#seal();
    await Promise.all(this.#writes);
    this.#failed.signal.throwIfAborted();
    return this.#position;
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length > 0) this.#write(this.#lines);
    this.#lines = [];
    this.#size = 0;
  }

  #write(lines: LogLine[], gap?: LogGap): void {
    const chunk: LogChunk = {
      _id: `${this.#stream}/${this.#n}`,
      stream: this.#stream,
      n: this.#n,
      step: this.#step,
      attempt: this.#attempt,
      firstSeq: this.#seq,
      lines,
      gap,
      position: { ...this.#position },
    };
    this.#n += 1;
    for (const { kind } of lines) if (kind !== 'mark') this.#seq += 1;
    this.#writes.push(this.#insert(chunk, this.#writes.at(-1)));
  }

  /** Never throws: a failure stops all later writes, and `ready` and `close` throw it. */
  async #insert(chunk: LogChunk, earlier: Promise<void> | undefined): Promise<void> {
    await earlier;
    try {
      if (this.#failed.signal.aborted) return;
      const inserted = await this.#logs.insert(chunk);
      if (!inserted) this.#failed.abort(new StreamConflictError(`chunk ${chunk._id} was written by another writer`));
    } catch (error) {
      this.#failed.abort(error);
    } finally {
      this.#writes.shift();
    }
  }
}
