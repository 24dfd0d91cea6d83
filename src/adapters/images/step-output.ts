const keptLines = 20;
const keptCharacters = 500;

/** The step that a build is at and the end of that step's output, for the message of its failure. */
export class StepOutput {
  step = '';
  #tail: string[] = [];

  begin(step: string): void {
    this.step = step;
    this.#tail = [];
  }

  add(line: string): void {
    if (line.trim() === '') return;
    this.#tail.push(line);
    if (this.#tail.length > keptLines) this.#tail.shift();
  }

  /** `<what> failed at <step>: <why>` with the last lines below it. */
  failure(what: string, why: string): string {
    const at = this.step ? ` at ${cut(this.step)}` : '';
    const tail = this.#tail.map((line) => `\n  ${cut(line)}`).join('');
    return `${what} failed${at}: ${cut(why)}${tail && `\nThe end of its output:${tail}`}`;
  }
}

function cut(text: string): string {
  return text.length > keptCharacters ? `${text.slice(0, keptCharacters)}…` : text;
}
