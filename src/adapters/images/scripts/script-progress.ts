import { randomBytes } from 'node:crypto';
import { Fault } from '../../../model/fault.ts';
import type { Mask } from '../../../model/mask.ts';
import { StepOutput } from '../step-output.ts';
import { TerminalLineBuffer } from '../terminal-line-buffer.ts';

/** First character of a mark, which a shell repeats for nested commands. Programs hardly print it, unlike the default `+`. */
const markStart = '\x1e';

/** Tracks a script by its output: the current command, the end of its output, and the result. */
export class ScriptProgress {
  /** Unique to this run, so that no program's output looks like a command. */
  readonly #mark = randomBytes(6).toString('hex');
  readonly #step = new StepOutput();
  readonly #lines = new TerminalLineBuffer();
  readonly #mask: Mask;
  /** End of a piece that may be the beginning of a mark. */
  #pending = '';
  #atLineStart = true;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** Returns the script with tracing: sh prints each command before it runs it, and ends at the first failure. */
  addTracing(script: string): string {
    // The mark is split, so that a script that prints itself prints no mark.
    const parts = [markStart, this.#mark.slice(0, 6), `${this.#mark.slice(6)} `].map((part) => `'${part}'`);
    return `PS4=${parts.join('')}\nset -ex\n${script.replaceAll('\r\n', '\n')}\n`;
  }

  /** Returns the lines that this piece of output completes, for the log. */
  take(piece: string): string[] {
    return this.#lines.push(this.#separateMarks(piece)).map((line) => this.#keep(line));
  }

  end(): string[] {
    const rest = this.#lines.push(this.#pending);
    return [...rest, ...this.#lines.end()].map((line) => this.#keep(line));
  }

  fault(image: string, reason: string): Fault {
    return new Fault('build_failed', this.#step.describeFailure(`the build script of ${image}`, reason));
  }

  /** Adds a newline before a mark that follows output without one. */
  #separateMarks(piece: string): string {
    const text = this.#pending + piece;
    const [begun = ''] = new RegExp(`${markStart}+[0-9a-f]*$`).exec(text) ?? [];
    const isPartialMark = begun !== '' && this.#mark.startsWith(begun.replaceAll(markStart, ''));
    this.#pending = isPartialMark ? begun : '';
    const whole = isPartialMark ? text.slice(0, -begun.length) : text;
    const lines = whole.replaceAll(new RegExp(`${markStart}+${this.#mark} `, 'g'), (mark, at: number) => {
      const isLineStart = at === 0 ? this.#atLineStart : whole[at - 1] === '\n';
      return isLineStart ? mark : `\n${mark}`;
    });
    if (lines !== '') this.#atLineStart = lines.endsWith('\n');
    return lines;
  }

  #keep(text: string): string {
    const line = this.#mask(text);
    const [, level, command] = new RegExp(`^(${markStart}+)${this.#mark} (.*)$`, 's').exec(line) ?? [];
    if (level === undefined || command === undefined) {
      this.#step.add(line);
      return line;
    }
    this.#step.begin(command);
    return `${'+'.repeat(level.length)} ${command}`;
  }
}
