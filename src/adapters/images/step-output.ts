const maxLines = 20;
const maxLineLength = 500;

/** The current step of a build and the end of its output, for the message of a failure. */
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
    if (this.#tail.length > maxLines) this.#tail.shift();
  }

  /** Returns `<subject> failed at <step>: <reason>` with the last lines below it. */
  describeFailure(subject: string, reason: string): string {
    const at = this.step ? ` at ${truncate(this.step)}` : '';
    const tail = this.#tail.map((line) => `\n  ${truncate(line)}`).join('');
    return `${subject} failed${at}: ${truncate(reason)}${tail && `\nThe end of its output:${tail}`}`;
  }
}

function truncate(text: string): string {
  return text.length > maxLineLength ? `${text.slice(0, maxLineLength)}…` : text;
}
