import type { LogChunk, LogGap, LogStream } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import type { StreamCursor } from './cursor.ts';
import { findStep, isStepOver, type StepOrdinals } from './find-step.ts';

interface Origin {
  at: string;
  /** `runner`, the name of a component's container, or `build:<plugin>`. */
  source: string;
  attempt: number;
  step?: string;
}

/** A line for readers. `seq` is its number inside its stream; `note` is a line of BrightBird itself. */
interface LogText extends Origin {
  seq: number;
  stream: 'out' | 'err' | 'note';
  text: string;
}

/** Lines that are known to be lost, at their place in the log. */
interface LogLoss extends Origin {
  gap: LogGap;
}

export type LogItem = LogText | LogLoss;

/** Returned when the search budget is spent; there may be more items. */
export const budgetSpent = Symbol('later');

export interface ReaderOptions {
  /** Only lines of this step. */
  step?: string | undefined;
  /** Only lines of this attempt. */
  attempt?: number | undefined;
  /** Filter of the items. */
  wanted?: (item: LogItem) => boolean;
  /** Number of chunks that may still be searched; shared by several readers. */
  budget?: { chunks: number };
}

/** Chunks per read. */
const chunksPerRead = 4;

/** Reads one stream forward from a cursor, item by item. Holds only a few chunks in memory. */
export class StreamReader {
  readonly #logs: LogStore;
  readonly #stream: LogStream;
  readonly #step: string | undefined;
  readonly #attempt: number | undefined;
  readonly #wanted: (item: LogItem) => boolean;
  readonly #budget: { chunks: number };
  #n: number;
  #line: number;
  #found = false;
  #ordinals: StepOrdinals = {};
  #chunks: LogChunk[] = [];
  /** Items of the chunk `#n`; undefined for lines that are not shown. */
  #items: (LogItem | undefined)[] | undefined;

  constructor(logs: LogStore, stream: LogStream, [n, line]: StreamCursor, options: ReaderOptions = {}) {
    const { step, wanted = () => true, budget = { chunks: Number.POSITIVE_INFINITY } } = options;
    this.#logs = logs;
    this.#stream = stream;
    this.#step = step;
    this.#attempt = options.attempt;
    this.#wanted = wanted;
    this.#budget = budget;
    this.#n = n;
    this.#line = line;
  }

  /** Cursor behind the last item that was taken. */
  get cursor(): StreamCursor {
    return [this.#n, this.#line];
  }

  /** Returns the next item; undefined when nothing more is stored, `budgetSpent` when the search budget is spent first. */
  async peek(): Promise<LogItem | typeof budgetSpent | undefined> {
    for (;;) {
      const chunk = await this.#chunk();
      if (!chunk) return undefined;
      this.#items ??= this.#itemsOf(chunk);
      for (; this.#line < this.#items.length; this.#line += 1) {
        const item = this.#items[this.#line];
        if (item && this.#wanted(item)) return item;
      }
      if (await this.#isOver(chunk)) return undefined;
      this.#n += 1;
      this.#line = 0;
      this.#items = undefined;
      this.#budget.chunks -= 1;
      if (this.#budget.chunks < 0) return budgetSpent;
    }
  }

  /** Advances behind the item that `peek` has returned. */
  take(): void {
    this.#line += 1;
  }

  async #chunk(): Promise<LogChunk | undefined> {
    if (!this.#found && this.#step !== undefined) {
      const n = await findStep(this.#logs, this.#stream, this.#step, this.#n);
      if (n !== this.#n) this.#line = 0;
      this.#n = n;
    }
    this.#found = true;
    if (this.#chunks[0]?.n !== this.#n) this.#chunks.shift();
    if (this.#chunks.length === 0) this.#chunks = await this.#logs.read(this.#stream.id, this.#n, chunksPerRead);
    return this.#chunks[0];
  }

  async #isOver(chunk: LogChunk): Promise<boolean> {
    if (this.#step === undefined) return false;
    if (this.#ordinals.over === undefined) this.#ordinals = await this.#logs.stepOrdinals(this.#stream, this.#step);
    return isStepOver(chunk, this.#step, this.#ordinals);
  }

  #itemsOf({ step, firstSeq, lines, gap, attempt = this.#stream.attempt }: LogChunk): (LogItem | undefined)[] {
    const { source } = this.#stream;
    if (this.#attempt !== undefined && this.#attempt !== attempt) return [];
    const origin = { source, attempt, ...(step !== undefined && { step }) };
    let seq = firstSeq;
    const items = lines.map(({ at, kind, text }) => {
      if (kind === 'mark') return undefined;
      seq += 1;
      return { seq: seq - 1, at, ...origin, stream: kind, text };
    });
    const all = gap ? [{ at: gap.from, ...origin, gap }, ...items] : items;
    return this.#step === undefined || this.#step === step ? all : [];
  }
}
