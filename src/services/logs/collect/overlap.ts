import type { LogGap, LogLine } from '../../../model/log.ts';
import type { ReadLine } from './collected-line.ts';

/**
 * Leaves out the lines that an engine repeats because they are stored already: they come first and in their order. Stored
 * lines that the engine does not have any more are passed over. When a line fits none of those that are left, the engine's
 * log was cut, and lines may have gone that nobody has read: that is a gap.
 */
export class Overlap {
  readonly #known: AsyncIterator<LogLine>;
  #begun = false;
  /** The stored line that should come next; undefined when there is none. */
  #next: LogLine | undefined;
  /** Stamp of the last stored line that was passed. */
  #passed = '';

  constructor(known: AsyncIterable<LogLine>) {
    this.#known = known[Symbol.asyncIterator]();
  }

  /** What of a batch is new, and what is missing before it. */
  async fresh(batch: readonly ReadLine[]): Promise<{ lines: readonly ReadLine[]; gap?: LogGap }> {
    await this.#begin();
    if (!this.#next) return { lines: batch };
    const lines: ReadLine[] = [];
    let gap: LogGap | undefined;
    for (const line of batch) {
      if (!this.#next) {
        lines.push(line);
        continue;
      }
      const rest = await this.#unknown(line);
      if (rest) lines.push(rest);
      if (rest === line) gap = { from: this.#passed, to: line.at };
    }
    return { lines, ...(gap && { gap }) };
  }

  /**
   * Called when the engine has given all that it has: the timestamp of the last stored line when that should have come and
   * has not, so that what came after it may be lost too. No stored line is expected from then on.
   */
  async missing(): Promise<string | undefined> {
    await this.#begin();
    if (!this.#next) return undefined;
    while (this.#next) await this.#pass();
    return this.#passed;
  }

  async #begin(): Promise<void> {
    if (!this.#begun) await this.#pass();
    this.#begun = true;
  }

  /** The line itself when it fits no stored one, undefined when it is stored, or what has come to its stored beginning. */
  async #unknown(line: ReadLine): Promise<ReadLine | undefined> {
    let text = line.text;
    for (; this.#next; await this.#pass()) {
      if (!begins(text, this.#next, line)) {
        if (text !== line.text) break;
        continue;
      }
      if (this.#next.kind === 'mark' || this.#next.text === text) {
        await this.#pass();
        return undefined;
      }
      text = text.slice(this.#next.text.length);
    }
    return text === line.text ? line : { ...line, text };
  }

  async #pass(): Promise<void> {
    if (this.#next) this.#passed = this.#next.at;
    const { value, done } = await this.#known.next();
    this.#next = done ? undefined : value;
  }
}

/** Without following, an engine may end in the middle of a line, so a stored line may be the beginning of a longer one. */
function begins(text: string, known: LogLine, line: ReadLine): boolean {
  if (known.at !== line.at) return false;
  if (known.kind === 'mark') return true;
  return known.kind === line.kind && (known.text === text || (known.text !== '' && text.startsWith(known.text)));
}
