import { stripVTControlCharacters } from 'node:util';

/** Limit of a line, after which it is cut: a program that never ends its line must not fill the memory. */
const maxLineLength = 65_536;

/** Joins pieces of terminal output to lines: removes colours and keeps the last state of an overwritten line. */
export class TerminalLineBuffer {
  #rest = '';

  push(piece: string): string[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    const complete = lines.map(toPlainText);
    // Overwritten text is dropped; a carriage return at the end may be part of a line's end.
    const overwritten = this.#rest.lastIndexOf('\r', this.#rest.length - 2);
    if (overwritten >= 0) this.#rest = this.#rest.slice(overwritten + 1);
    if (this.#rest.length > maxLineLength) complete.push(...this.end());
    return complete;
  }

  /** Returns the last line if it has no newline. */
  end(): string[] {
    const line = toPlainText(this.#rest);
    this.#rest = '';
    return line === '' ? [] : [line];
  }
}

function toPlainText(line: string): string {
  const text = stripVTControlCharacters(line).replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1);
}
