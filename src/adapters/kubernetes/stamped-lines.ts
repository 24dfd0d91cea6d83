import type { Frame } from '../../model/engine/lines.ts';
import { comparable } from '../../model/engine/stamps.ts';

const [newline, space] = [0x0a, 0x20];
/** Bytes in which a line's stamp has to end. */
const longestStamp = 40;
const stampPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** A piece of a line; without a stamp, what the kubelet itself has to say. */
export interface StampedPiece extends Pick<Frame, 'bytes'> {
  at: string | undefined;
  /** The newline is part of it. */
  ends: boolean;
}

/** Splits a log with stamps at the start of its lines, however its pieces are cut. */
export class StampedLines {
  /** The beginning of a line whose stamp has not come whole. */
  #rest: Buffer = Buffer.alloc(0);
  #inside = false;
  #at: string | undefined;

  push(piece: Buffer): StampedPiece[] {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    const found: StampedPiece[] = [];
    let from = 0;
    while (from < data.length) {
      if (!this.#inside) {
        const start = this.#begin(data, from);
        if (start === undefined) break;
        from = start;
      }
      const end = data.indexOf(newline, from);
      const to = end < 0 ? data.length : end + 1;
      found.push({ at: this.#at, bytes: data.subarray(from, to), ends: end >= 0 });
      this.#inside = end < 0;
      from = to;
    }
    this.#rest = data.subarray(from);
    return found;
  }

  /** Reads the stamp of the line that begins; where its text begins, or undefined while the stamp may go on. */
  #begin(data: Buffer, from: number): number | undefined {
    const end = data.indexOf(space, from);
    const line = data.indexOf(newline, from);
    const isCut = end < 0 && line < 0 && data.length - from < longestStamp;
    if (isCut) return undefined;
    this.#at = end < 0 ? undefined : inUtc(data.toString('latin1', from, Math.min(end, from + longestStamp)));
    this.#inside = true;
    return this.#at === undefined ? from : end + 1;
  }
}

/** A stamp with nine digits in UTC: nodes write that of their own time zone. Undefined of what is no stamp. */
function inUtc(text: string): string | undefined {
  const [, seconds, fraction = '', zone] = stampPattern.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  if (zone === 'Z') return comparable(text);
  const utc = new Date(`${seconds}${zone}`).toISOString().slice(0, seconds.length);
  return comparable(`${utc}${fraction}Z`);
}
