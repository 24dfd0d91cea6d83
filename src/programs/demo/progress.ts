import { clearLine, cursorTo } from 'node:readline';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Milliseconds between two pictures of the line that moves. */
const beat = 100;

/**
 * Shows what goes on: on a terminal as one line that moves, with the seconds since it says the same; elsewhere as a plain
 * line for each change. What is printed stays.
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

  /** Shown until the next one, or `done`; the same text again changes nothing. */
  status(text: string): void {
    if (text === this.#status) return;
    if (!this.#out.isTTY) this.#out.write(`  ${text}\n`);
    this.#status = text;
    this.#since = performance.now();
    if (this.#out.isTTY) this.#timer ??= setInterval(() => this.#draw(), beat);
  }

  /** Nothing goes on any more. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#status = undefined;
    this.#wipe();
  }

  #draw(): void {
    const elapsed = performance.now() - this.#since;
    const frame = frames[Math.floor(performance.now() / beat) % frames.length];
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
