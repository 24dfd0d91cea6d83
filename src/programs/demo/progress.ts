import { clearLine, cursorTo } from 'node:readline';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameIntervalMs = 100;

/**
 * Shows a status: on a terminal as one animated line with the seconds since the last change, elsewhere as a plain line for
 * each change. Printed lines stay.
 */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  #status: string | undefined;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  print(text: string): void {
    this.#wipe();
    this.#out.write(`${text}\n`);
  }

  /** Shows a status until the next one or `end`. The same text again changes nothing. */
  status(text: string): void {
    if (text === this.#status) return;
    if (!this.#out.isTTY) this.#out.write(`  ${text}\n`);
    this.#status = text;
    this.#since = performance.now();
    if (this.#out.isTTY) this.#timer ??= setInterval(() => this.#draw(), frameIntervalMs);
  }

  /** Removes the status. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#status = undefined;
    this.#wipe();
  }

  #draw(): void {
    const elapsed = performance.now() - this.#since;
    const frame = frames[Math.floor(performance.now() / frameIntervalMs) % frames.length];
    const line = `${frame} ${this.#status}  ${(elapsed / 1000).toFixed(0)} s`;
    this.#wipe();
    this.#out.write(line.slice(0, (this.#out.columns ?? 80) - 1));
  }

  #wipe(): void {
    if (!this.#out.isTTY) return;
    clearLine(this.#out, 0);
    cursorTo(this.#out, 0);
  }
}
