/** Receives the progress lines of the start. */
export type Report = (line: string) => void;

/** Formats a line about set-up or start as `name  text (1.2 s)`. `startedAt` is from performance.now(). */
export function formatStageLine(name: string, text: string, startedAt: number): string {
  return `${name.padEnd(12)}${text} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`;
}

/** Collects the attempts to find or start a server, and reports them with the outcome and the elapsed time in one line. */
export class Stage {
  readonly #name: string;
  readonly #report: Report;
  readonly #startedAt = performance.now();
  readonly #tried: string[] = [];

  constructor(name: string, report: Report) {
    this.#name = name;
    this.#report = report;
  }

  addAttempt(text: string): void {
    this.#tried.push(text);
  }

  /** All attempts so far, for the message of a fault. */
  get attempts(): string {
    return this.#tried.join('; ');
  }

  done(text: string): void {
    this.#report(formatStageLine(this.#name, [...this.#tried, text].join('; '), this.#startedAt));
  }
}
