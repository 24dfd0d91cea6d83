import type { RawLine } from './runtime.ts';

/** A message of a container's log: a line, or a part of a longer line. */
export interface Frame {
  kind: 'out' | 'err';
  /** RFC 3339 with nine digits; all parts of a line have the timestamp of the first. */
  at: string;
  /** Content, including the newline if present. */
  bytes: Buffer;
}

const [newline, carriageReturn] = [0x0a, 0x0d];
/** Maximum length of a line in bytes; a longer line is split into parts with the same timestamp. */
export const maxLineBytes = 1_000_000;
/** Maximum bytes buffered until the end of an earlier line of the other stream. */
const maxBufferedBytes = 4_000_000;

interface Line {
  kind: Frame['kind'];
  at: string;
  parts: Buffer[];
  size: number;
  open: boolean;
  /** Continues a split line. */
  rest: boolean;
  /** Continued by the next line. */
  cut?: true;
}

/**
 * Joins frames into lines, in the order of their first frames. A line waits for an unfinished earlier line of the other
 * stream: otherwise a long line would come long after its timestamp, and readers that resume by timestamp would miss it.
 */
export class LineJoiner {
  /** Pending lines; the first is open. */
  #queue: Line[] = [];
  #open: Partial<Record<Frame['kind'], Line>> = {};
  #bufferedBytes = 0;

  push({ kind, at, bytes }: Frame, done: RawLine[]): void {
    const ends = bytes.at(-1) === newline;
    const content = ends ? bytes.subarray(0, -1) : bytes;
    let line = this.#open[kind];
    // Another timestamp: the container ended without a newline and was restarted.
    if (line && line.at !== at) {
      line.open = false;
      line = undefined;
    } else if (line && line.size + content.length > maxLineBytes) line = this.#cut(line);
    if (!line && ends && this.#queue.length === 0) {
      done.push({ at, kind, text: textOf(content) });
      return;
    }
    line ??= this.#begin(kind, at, false);
    line.parts.push(content);
    line.size += content.length;
    line.open = !ends;
    this.#open[kind] = ends ? undefined : line;
    this.#bufferedBytes += content.length;
    this.#release(done);
  }

  /** Returns the remaining lines at the end of the log: those without a newline, and those that waited for them. */
  end(): RawLine[] {
    const done: RawLine[] = [];
    for (const line of this.#queue) line.open = false;
    this.#open = {};
    this.#release(done);
    return done;
  }

  /** Smallest timestamp of the pending lines. */
  get oldest(): string | undefined {
    return this.#queue.map(({ at }) => at).sort()[0];
  }

  #begin(kind: Frame['kind'], at: string, rest: boolean): Line {
    const line = { kind, at, parts: [], size: 0, open: true, rest };
    this.#queue.push(line);
    return line;
  }

  #release(done: RawLine[]): void {
    for (
      let head = this.#queue[0];
      head && (!head.open || this.#bufferedBytes > maxBufferedBytes);
      head = this.#queue[0]
    ) {
      if (head.open) this.#open[head.kind] = this.#cut(head);
      this.#queue.shift();
      this.#bufferedBytes -= head.size;
      // A line that was split at its very end has an empty rest.
      if (head.rest && head.size === 0) continue;
      const bytes = Buffer.concat(head.parts);
      done.push({ at: head.at, kind: head.kind, text: head.cut ? bytes.toString('utf8') : textOf(bytes) });
    }
  }

  /** Splits a line between two characters and begins a new line with the rest. */
  #cut(line: Line): Line {
    const bytes = Buffer.concat(line.parts);
    const size = completeLength(bytes);
    const next = this.#begin(line.kind, line.at, true);
    next.parts = [bytes.subarray(size)];
    next.size = bytes.length - size;
    Object.assign(line, { parts: [bytes.subarray(0, size)], size, open: false, cut: true });
    return next;
  }
}

/** Decodes a line without trailing carriage returns, which containerd drops too. */
function textOf(bytes: Buffer): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === carriageReturn) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** Returns the length without an incomplete UTF-8 character at the end (RFC 3629, section 3). */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
