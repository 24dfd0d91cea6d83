const newline = 0x0a;
/** Bytes of a line beyond which it is cut, as it would be when the log is read. */
const longestLine = 1_000_000;

/** Joins the pieces of a stream to whole lines. */
export class WholeLines {
  /** What has come of a line that has no end yet. */
  #parts: Uint8Array[] = [];
  #size = 0;

  /** The lines that are complete with this piece, each with its newline. */
  push(chunk: Uint8Array | string): Buffer {
    const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const end = piece.lastIndexOf(newline) + 1;
    const whole = end > 0 ? [...this.#parts, piece.subarray(0, end)] : [];
    if (end > 0) [this.#parts, this.#size] = [[], 0];
    this.#parts.push(piece.subarray(end));
    this.#size += piece.length - end;
    if (this.#size > longestLine) whole.push(...this.#cut());
    return Buffer.concat(whole);
  }

  /** Pieces of the line that has no end yet, each of them a line, cut between two characters (RFC 3629, section 3). */
  #cut(): Buffer[] {
    let rest = Buffer.concat(this.#parts);
    const pieces: Buffer[] = [];
    while (rest.length > longestLine) {
      let end = longestLine;
      while (end > longestLine - 4 && ((rest[end] ?? 0) & 0xc0) === 0x80) end -= 1;
      pieces.push(rest.subarray(0, end), Buffer.of(newline));
      rest = rest.subarray(end);
    }
    [this.#parts, this.#size] = [[rest], rest.length];
    return pieces;
  }
}
