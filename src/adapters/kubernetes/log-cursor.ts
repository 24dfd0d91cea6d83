import { LogTruncatedError } from '../../model/engine/log-errors.ts';
import { normalizeTimestamp } from '../../model/engine/timestamps.ts';
import type { TimestampedPiece } from './timestamped-lines.ts';

/** Maximum disorder of the timestamps of stdout and stderr; microseconds were measured. */
const maxDisorderMs = 1000;
/** Leading bytes of a line that identify it, besides its timestamp. */
const headBytes = 200;

/**
 * Position up to which a log was read. The kubelet only knows timestamps in whole seconds, so a resumed log begins with
 * known bytes: all up to the last line that was read, found by its timestamp and its head, and some of the next line.
 */
export class LogCursor {
  #at = '';
  #head: Buffer = Buffer.alloc(0);
  /** Bytes read of the line after it. */
  #partial = 0;
  /** For the current answer: whether the last known line has passed, and how many bytes of the next to skip. */
  #aligned = true;
  #skip = 0;
  #line: { at: string; head: Buffer } | undefined;

  /** Timestamp to resume from; undefined when nothing was read. */
  get since(): string | undefined {
    if (this.#at === '') return undefined;
    return `${new Date(Date.parse(this.#at) - 2 * maxDisorderMs).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
  }

  /** Prepares for a new answer, which repeats known lines. */
  restart(): void {
    this.#aligned = this.#at === '';
    this.#skip = this.#partial;
    this.#line = undefined;
  }

  /** Returns the bytes of a piece that were not read before. Throws LogTruncatedError when known lines are missing. */
  unreadBytes({ at = '', bytes, ends }: TimestampedPiece): Buffer {
    this.#line ??= { at, head: Buffer.alloc(0) };
    const { head } = this.#line;
    if (head.length < headBytes) this.#line.head = Buffer.concat([head, bytes.subarray(0, headBytes - head.length)]);
    const line = this.#line;
    if (ends) this.#line = undefined;
    if (!this.#aligned) {
      if (ends) this.#align(line);
      return bytes.subarray(bytes.length);
    }
    const fresh = bytes.subarray(Math.min(this.#skip, bytes.length));
    this.#skip -= bytes.length - fresh.length;
    this.#partial = ends ? 0 : this.#partial + fresh.length;
    if (ends) [this.#at, this.#head] = [line.at, line.head];
    return fresh;
  }

  /** Ends the answer. Throws LogTruncatedError when the last known line was not in it. */
  finish(): void {
    if (!this.#aligned) throw new LogTruncatedError(`the line of ${this.#at} is no longer in the log`);
  }

  #align({ at, head }: { at: string; head: Buffer }): void {
    this.#aligned = at === this.#at && head.equals(this.#head);
    if (this.#aligned) return;
    const limit = normalizeTimestamp(new Date(Date.parse(this.#at) + maxDisorderMs).toISOString());
    if (at > limit) throw new LogTruncatedError(`the line of ${this.#at} is no longer in the log`);
  }
}
