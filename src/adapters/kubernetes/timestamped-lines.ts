import type { Frame } from '../../model/engine/lines.ts';
import { normalizeTimestamp } from '../../model/engine/timestamps.ts';

const [newline, space] = [0x0a, 0x20];
/** Maximum length of a line's timestamp. */
const maxTimestampBytes = 40;
const timestampPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Piece of a line; without a timestamp, of a message of the kubelet. */
export interface TimestampedPiece extends Pick<Frame, 'bytes'> {
  at: string | undefined;
  /** Whether it has the newline. */
  ends: boolean;
}

/** Splits a log into pieces of lines, whose timestamps it removes, whatever chunks it comes in. */
export class TimestampedLines {
  /** Beginning of a line with an incomplete timestamp. */
  #rest: Buffer = Buffer.alloc(0);
  #inside = false;
  #at: string | undefined;

  push(piece: Buffer): TimestampedPiece[] {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    const found: TimestampedPiece[] = [];
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

  /** Reads the timestamp of a new line. Returns the offset of its text, or undefined while it is incomplete. */
  #begin(data: Buffer, from: number): number | undefined {
    const end = data.indexOf(space, from);
    const line = data.indexOf(newline, from);
    const isCut = end < 0 && line < 0 && data.length - from < maxTimestampBytes;
    if (isCut) return undefined;
    this.#at = end < 0 ? undefined : toUtc(data.toString('latin1', from, Math.min(end, from + maxTimestampBytes)));
    this.#inside = true;
    return this.#at === undefined ? from : end + 1;
  }
}

/** Converts a timestamp of the node's time zone to UTC with nine digits. Returns undefined for other texts. */
function toUtc(text: string): string | undefined {
  const [, seconds, fraction = '', zone] = timestampPattern.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  if (zone === 'Z') return normalizeTimestamp(text);
  const utc = new Date(`${seconds}${zone}`).toISOString().slice(0, seconds.length);
  return normalizeTimestamp(`${utc}${fraction}Z`);
}
