import { LogCut } from '../../model/engine/log-cut.ts';
import { comparable } from '../../model/engine/stamps.ts';
import type { StampedPiece } from './stamped-lines.ts';

/** Milliseconds by which stamps of stdout and stderr may be out of order; it was microseconds. */
const disorder = 1000;
/** Bytes of a line's beginning by which it is known, besides its stamp. */
const known = 200;

/**
 * How far a log was read. The kubelet only knows stamps, in whole seconds, so an answer to "from there on" begins with what
 * is known: all up to the last line that was read, found by its stamp and its beginning, and some bytes of the next.
 */
export class LogEnd {
  #at = '';
  #head: Buffer = Buffer.alloc(0);
  /** Bytes of the line after it that were read. */
  #partial = 0;
  /** Of the answer that is being read: the last known line has passed, and bytes of the next that are still to be left out. */
  #aligned = true;
  #skip = 0;
  #line: { at: string; head: Buffer } | undefined;

  /** From where to ask for the rest; undefined when nothing was read. */
  get since(): string | undefined {
    if (this.#at === '') return undefined;
    return `${new Date(Date.parse(this.#at) - 2 * disorder).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
  }

  /** The log is asked again. */
  restart(): void {
    this.#aligned = this.#at === '';
    this.#skip = this.#partial;
    this.#line = undefined;
  }

  /** What of a piece with a stamp was not read before. Throws LogCut. */
  fresh({ at = '', bytes, ends }: StampedPiece): Buffer {
    this.#line ??= { at, head: Buffer.alloc(0) };
    const { head } = this.#line;
    if (head.length < known) this.#line.head = Buffer.concat([head, bytes.subarray(0, known - head.length)]);
    const line = this.#line;
    if (ends) this.#line = undefined;
    if (!this.#aligned) {
      if (ends) this.#align(line);
      return bytes.subarray(bytes.length);
    }
    const left = bytes.subarray(Math.min(this.#skip, bytes.length));
    this.#skip -= bytes.length - left.length;
    this.#partial = ends ? 0 : this.#partial + left.length;
    if (ends) [this.#at, this.#head] = [line.at, line.head];
    return left;
  }

  /** The answer is over. Throws LogCut when what was read before is not in it. */
  finish(): void {
    if (!this.#aligned) throw new LogCut(`the line of ${this.#at} is not in the log any more`);
  }

  #align({ at, head }: { at: string; head: Buffer }): void {
    this.#aligned = at === this.#at && head.equals(this.#head);
    if (this.#aligned) return;
    const limit = comparable(new Date(Date.parse(this.#at) + disorder).toISOString());
    if (at > limit) throw new LogCut(`the line of ${this.#at} is not in the log any more`);
  }
}
