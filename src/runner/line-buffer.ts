const newline = 0x0a;
/** Limit of a line, after which it is cut, as it is when the log is read. */
const maxLineBytes = 1_000_000;

/** Joins the pieces of a stream to whole lines. */
export class LineBuffer {
  /** Pieces of a line without an end yet. */
  #parts: Uint8Array[] = [];
  #size = 0;

  /** Returns the lines that this piece completes, each with its newline. */
  push(chunk: Uint8Array | string): Buffer {
    const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const end = piece.lastIndexOf(newline) + 1;
    const whole = end > 0 ? [...this.#parts, piece.subarray(0, end)] : [];
    if (end > 0) [this.#parts, this.#size] = [[], 0];
    this.#parts.push(piece.subarray(end));
    this.#size += piece.length - end;
    if (this.#size > maxLineBytes) whole.push(...this.#splitLongLine());
    return Buffer.concat(whole);
  }

  /** Cuts the line without an end into lines, between two characters (RFC 3629, section 3). */
  #splitLongLine(): Buffer[] {
    let rest = Buffer.concat(this.#parts);
    const pieces: Buffer[] = [];
    while (rest.length > maxLineBytes) {
      let end = maxLineBytes;
      while (end > maxLineBytes - 4 && ((rest[end] ?? 0) & 0xc0) === 0x80) end -= 1;
      pieces.push(rest.subarray(0, end), Buffer.of(newline));
      rest = rest.subarray(end);
    }
    [this.#parts, this.#size] = [[rest], rest.length];
    return pieces;
  }
}
