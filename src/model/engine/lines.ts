import type { RawLine } from './runtime.ts';

/** One message of a container's log: a line, or a piece of a longer one. */
export interface Frame {
  kind: 'out' | 'err';
  /** RFC 3339 with nine digits; all pieces of a line have the stamp of the first. */
  at: string;
  /** With the newline, if it has one. */
  bytes: Buffer;
}

const [newline, carriageReturn] = [0x0a, 0x0d];
/** Bytes of the longest line that is kept whole; what is longer comes in pieces of the same stamp. */
export const longestLine = 1_000_000;
/** Bytes that may wait for the end of an earlier line of the other stream. */
const mostHeld = 4_000_000;

interface Line {
  kind: Frame['kind'];
  at: string;
  parts: Buffer[];
  size: number;
  open: boolean;
  /** Goes on where a piece was cut off. */
  rest: boolean;
  /** Goes on in the next one. */
  cut?: true;
}

/**
 * Joins frames to lines, in the order of their first frames. So a line of one stream waits for an earlier one of the other
 * that has not ended: else a long line would come arbitrarily long after its stamp, and be missed by who resumes by stamps.
 */
export class LineJoiner {
  /** The first one is open, or there is none. */
  #queue: Line[] = [];
  #open: Partial<Record<Frame['kind'], Line>> = {};
  #held = 0;

  push({ kind, at, bytes }: Frame, done: RawLine[]): void {
    const ends = bytes.at(-1) === newline;
    const content = ends ? bytes.subarray(0, -1) : bytes;
    let line = this.#open[kind];
    // Another stamp: the container ended without a newline, and was started again.
    if (line && line.at !== at) {
      line.open = false;
      line = undefined;
    } else if (line && line.size + content.length > longestLine) line = this.#cut(line);
    if (!line && ends && this.#queue.length === 0) {
      done.push({ at, kind, text: textOf(content) });
      return;
    }
    line ??= this.#begin(kind, at, false);
    line.parts.push(content);
    line.size += content.length;
    line.open = !ends;
    this.#open[kind] = ends ? undefined : line;
    this.#held += content.length;
    this.#release(done);
  }

  /** What is left at the end of the log: lines without a newline, and what waited for them. */
  end(): RawLine[] {
    const done: RawLine[] = [];
    for (const line of this.#queue) line.open = false;
    this.#open = {};
    this.#release(done);
    return done;
  }

  /** The smallest stamp of the lines that have begun and were not given out. */
  get oldest(): string | undefined {
    return this.#queue.map(({ at }) => at).sort()[0];
  }

  #begin(kind: Frame['kind'], at: string, rest: boolean): Line {
    const line = { kind, at, parts: [], size: 0, open: true, rest };
    this.#queue.push(line);
    return line;
  }

  #release(done: RawLine[]): void {
    for (let head = this.#queue[0]; head && (!head.open || this.#held > mostHeld); head = this.#queue[0]) {
      if (head.open) this.#open[head.kind] = this.#cut(head);
      this.#queue.shift();
      this.#held -= head.size;
      // Of a line that was cut at its very end, nothing is left.
      if (head.rest && head.size === 0) continue;
      const bytes = Buffer.concat(head.parts);
      done.push({ at: head.at, kind: head.kind, text: head.cut ? bytes.toString('utf8') : textOf(bytes) });
    }
  }

  /** Closes a line before its end, between two characters, and begins the one that has the rest. */
  #cut(line: Line): Line {
    const bytes = Buffer.concat(line.parts);
    const size = wholeCharacters(bytes);
    const next = this.#begin(line.kind, line.at, true);
    next.parts = [bytes.subarray(size)];
    next.size = bytes.length - size;
    Object.assign(line, { parts: [bytes.subarray(0, size)], size, open: false, cut: true });
    return next;
  }
}

/** The text of a line, whose end may be CRLF: containerd leaves the carriage return out, so nobody gets it. */
function textOf(bytes: Buffer): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === carriageReturn) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** Length without a UTF-8 character whose last bytes are missing (RFC 3629, section 3). */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
