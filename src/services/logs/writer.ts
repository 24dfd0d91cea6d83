import type { LogChunk, LogGap, LogLine, LogPosition } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { compareStamps } from './stamps.ts';
import type { Tip } from './tip.ts';

/** Characters of a chunk, each line counted with what it takes besides its text. */
const chunkSize = 64_000;
const lineOverhead = 50;
/** Milliseconds that a line waits at most before it is written. */
const flushAfter = 1000;
/** Chunks that may wait to be written before the reader has to wait. */
const mostWaiting = 4;

/** Somebody else has written the stream's next chunk: what is not stored has to be read again, from their position on. */
export class PositionMoved extends Error {
  override name = 'PositionMoved';
}

/** The step that a line belongs to, and what is known of the run once the line was read, if that changes. */
export interface LineContext {
  step?: string;
  progress?: Pick<LogPosition, 'step' | 'steps' | 'begun' | 'over' | 'verdict' | 'waits' | 'signer'>;
}

/**
 * Writes one stream: gathers lines to chunks and inserts these one after the other, never over an existing one. Add lines,
 * wait for `ready` after every batch, and end with `close`, by error too: until then a timer may be set.
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

  /** `attempt` is that of the lines, where it may be another one than that of the stream. */
  constructor(logs: LogStore, stream: string, { n, seq, position }: Tip, attempt?: number) {
    this.#attempt = attempt;
    this.#logs = logs;
    this.#stream = stream;
    this.#n = n;
    this.#seq = seq;
    this.#position = { ...position };
  }

  /** Aborted when a write has failed: nothing that is added from now on will be written. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  add(line: LogLine, { step, progress }: LineContext = {}): void {
    if (step !== this.#step) this.#seal();
    this.#step = step;
    this.#lines.push(line);
    this.#size += line.text.length + lineOverhead;
    if (line.kind !== 'note' && compareStamps(line.at, this.#position.maxAt) > 0) this.#position.maxAt = line.at;
    if (progress) {
      const { step: _, steps: _steps, verdict: _verdict, waits: _waits, ...rest } = this.#position;
      this.#position = { ...rest, ...progress };
    }
    if (this.#size >= chunkSize) this.#seal();
    else this.#timer ??= setTimeout(() => this.#seal(), flushAfter);
  }

  /** Marks lines as lost, in their place. */
  addGap(gap: LogGap): void {
    this.#seal();
    this.#position = { ...this.#position, gapAfter: this.#position.maxAt };
    this.#write([], gap);
  }

  /** Resolves when more lines can be taken. Throws PositionMoved, or why the store failed. */
  async ready(): Promise<void> {
    while (this.#writes.length > mostWaiting) await this.#writes[0];
    this.#failed.signal.throwIfAborted();
  }

  /** Writes what is left; the writer's last call. Answers with the position, and throws like `ready`. */
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
      ...(this.#step !== undefined && { step: this.#step }),
      ...(this.#attempt !== undefined && { attempt: this.#attempt }),
      firstSeq: this.#seq,
      lines,
      ...(gap && { gap }),
      position: { ...this.#position },
    };
    this.#n += 1;
    for (const { kind } of lines) if (kind !== 'mark') this.#seq += 1;
    this.#writes.push(this.#insert(chunk, this.#writes.at(-1)));
  }

  /** Never throws: a failure stops all later writes, and is thrown to who adds lines. */
  async #insert(chunk: LogChunk, earlier: Promise<void> | undefined): Promise<void> {
    await earlier;
    try {
      if (this.#failed.signal.aborted) return;
      const inserted = await this.#logs.insert(chunk);
      if (!inserted) this.#failed.abort(new PositionMoved(`chunk ${chunk._id} was written by somebody else`));
    } catch (error) {
      this.#failed.abort(error);
    } finally {
      this.#writes.shift();
    }
  }
}
