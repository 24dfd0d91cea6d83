import { randomBytes } from 'node:crypto';
import { Fault } from '../../../model/fault.ts';
import type { Mask } from '../../../model/mask.ts';
import { OutputLines } from '../output-lines.ts';
import { StepOutput } from '../step-output.ts';

/** Begins a mark; a shell repeats it for commands within commands. Programs print `+`, as the usual one, and hardly ever this. */
const record = '\x1e';

/** Follows a script by its output: which command it is at, the end of that command's output, and how it ended. */
export class ScriptProgress {
  /** Of this run alone, so that no output of a program looks like a command. */
  readonly #mark = randomBytes(6).toString('hex');
  readonly #at = new StepOutput();
  readonly #output = new OutputLines();
  readonly #mask: Mask;
  /** The end of a piece that may be the beginning of a mark. */
  #held = '';
  #atLineStart = true;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** The script as sh runs it: it shows each command before it runs it, and ends at the first one that fails. */
  traced(script: string): string {
    // In parts, so that a script which prints itself prints no mark.
    const parts = [record, this.#mark.slice(0, 6), `${this.#mark.slice(6)} `].map((part) => `'${part}'`);
    return `PS4=${parts.join('')}\nset -ex\n${script.replaceAll('\r\n', '\n')}\n`;
  }

  /** The lines of output that are complete with this piece, for the log. */
  take(piece: string): string[] {
    return this.#output.push(this.#onLines(piece)).map((line) => this.#keep(line));
  }

  end(): string[] {
    const rest = this.#output.push(this.#held);
    return [...rest, ...this.#output.end()].map((line) => this.#keep(line));
  }

  fault(image: string, why: string): Fault {
    return new Fault('build_failed', this.#at.failure(`the build script of ${image}`, why));
  }

  /** Ends the line of what a command printed without a newline before the mark of the next command. */
  #onLines(piece: string): string {
    const text = this.#held + piece;
    const [begun = ''] = new RegExp(`${record}+[0-9a-f]*$`).exec(text) ?? [];
    const isBeginning = begun !== '' && this.#mark.startsWith(begun.replaceAll(record, ''));
    this.#held = isBeginning ? begun : '';
    const whole = isBeginning ? text.slice(0, -begun.length) : text;
    const lines = whole.replaceAll(new RegExp(`${record}+${this.#mark} `, 'g'), (mark, at: number) => {
      const isStart = at === 0 ? this.#atLineStart : whole[at - 1] === '\n';
      return isStart ? mark : `\n${mark}`;
    });
    if (lines !== '') this.#atLineStart = lines.endsWith('\n');
    return lines;
  }

  #keep(text: string): string {
    const line = this.#mask(text);
    const [, level, command] = new RegExp(`^(${record}+)${this.#mark} (.*)$`, 's').exec(line) ?? [];
    if (level === undefined || command === undefined) {
      this.#at.add(line);
      return line;
    }
    this.#at.begin(command);
    return `${'+'.repeat(level.length)} ${command}`;
  }
}
