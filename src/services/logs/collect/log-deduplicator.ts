import type { LogGap, LogLine } from '../../../model/log.ts';
import type { CollectedLine } from './collected-line.ts';

/**
 * Drops the lines that an engine repeats although they are stored: they come first and in order. Skips stored lines that the
 * engine no longer has. If a line matches none of the remaining stored lines, the engine's log was truncated, and unread lines
 * may be lost: that is a gap.
 */
export class LogDeduplicator {
  readonly #known: AsyncIterator<LogLine>;
  #begun = false;
  /** Stored line that is expected next; undefined when none is left. */
  #next: LogLine | undefined;
  /** Timestamp of the last stored line that was passed. */
  #passed = '';

  constructor(known: AsyncIterable<LogLine>) {
    this.#known = known[Symbol.asyncIterator]();
  }

  /** Returns the new lines of a batch, and the gap before them. */
  async deduplicate(batch: readonly CollectedLine[]): Promise<{ lines: readonly CollectedLine[]; gap?: LogGap }> {
    await this.#begin();
    if (!this.#next) return { lines: batch };
    const lines: CollectedLine[] = [];
    let gap: LogGap | undefined;
    for (const line of batch) {
      if (!this.#next) {
        lines.push(line);
        continue;
      }
      const rest = await this.#newPart(line);
      if (rest) lines.push(rest);
      if (rest === line) gap = { from: this.#passed, to: line.at };
    }
    return { lines, ...(gap && { gap }) };
  }

  /**
   * Ends the comparison once the engine has returned all lines that it has. Returns the timestamp of the last stored line if
   * the engine did not repeat that, so that later lines may be lost too.
   */
  async findMissing(): Promise<string | undefined> {
    await this.#begin();
    if (!this.#next) return undefined;
    while (this.#next) await this.#pass();
    return this.#passed;
  }

  async #begin(): Promise<void> {
    if (!this.#begun) await this.#pass();
    this.#begun = true;
  }

  /** Returns the line itself if no stored line matches, undefined if it is stored, or the part behind its stored beginning. */
  async #newPart(line: CollectedLine): Promise<CollectedLine | undefined> {
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

/** Returns true if the stored line begins the text: without following, an engine may end in the middle of a line. */
function begins(text: string, known: LogLine, line: CollectedLine): boolean {
  if (known.at !== line.at) return false;
  if (known.kind === 'mark') return true;
  return known.kind === line.kind && (known.text === text || (known.text !== '' && text.startsWith(known.text)));
}
