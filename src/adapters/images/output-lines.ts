import { stripVTControlCharacters } from 'node:util';

/** Characters after which a line is cut: a program that never ends its line must not fill the memory. */
const longest = 65_536;

/** Whole lines out of pieces of a terminal's output: colours removed, and of a line that was overwritten, its last state. */
export class OutputLines {
  #rest = '';

  push(piece: string): string[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    const whole = lines.map(plain);
    // What is overwritten already is dropped; a return at the very end may belong to a line's end.
    const overwritten = this.#rest.lastIndexOf('\r', this.#rest.length - 2);
    if (overwritten >= 0) this.#rest = this.#rest.slice(overwritten + 1);
    if (this.#rest.length > longest) whole.push(...this.end());
    return whole;
  }

  /** The last line, if it was not ended. */
  end(): string[] {
    const line = plain(this.#rest);
    this.#rest = '';
    return line === '' ? [] : [line];
  }
}

function plain(line: string): string {
  const text = stripVTControlCharacters(line).replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1);
}
