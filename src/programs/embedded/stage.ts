/** Receives the lines that tell what the start of the embedded servers does. */
export type Report = (line: string) => void;

/** `name  text (1.2 s)`: the one form of all lines about set-up and start; `startedAt` from performance.now(). */
export function stageLine(name: string, text: string, startedAt: number): string {
  return `${name.padEnd(12)}${text} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`;
}

/** One server's search: collects what was tried, and reports it with the outcome and the elapsed time in one line. */
export class Stage {
  readonly #name: string;
  readonly #report: Report;
  readonly #startedAt = performance.now();
  readonly #tried: string[] = [];

  constructor(name: string, report: Report) {
    this.#name = name;
    this.#report = report;
  }

  tried(text: string): void {
    this.#tried.push(text);
  }

  /** Everything that was tried so far, for the message of a fault. */
  get attempts(): string {
    return this.#tried.join('; ');
  }

  done(text: string): void {
    this.#report(stageLine(this.#name, [...this.#tried, text].join('; '), this.#startedAt));
  }
}
