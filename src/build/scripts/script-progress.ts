import { randomBytes } from 'node:crypto';
import { Fault } from '../../model/fault.ts';
import type { Mask } from '../../model/mask.ts';
import { OutputLines } from '../images/output-lines.ts';
import { StepOutput } from '../images/step-output.ts';

/** Follows a script by its output: which command it is at, the end of that command's output, and how it ended. */
export class ScriptProgress {
  /** Of this run alone, so that no output of a program looks like a command. */
  readonly #mark = randomBytes(6).toString('hex');
  readonly #at = new StepOutput();
  readonly #output = new OutputLines();
  readonly #mask: Mask;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** The script as sh runs it: it shows each command before it runs it, and ends at the first one that fails. */
  traced(script: string): string {
    return `PS4='+${this.#mark} '\nset -ex\n${script.replaceAll('\r\n', '\n')}\n`;
  }

  /** The lines of output that are complete with this piece, for the log. */
  take(piece: string): string[] {
    return this.#output.push(piece).map((line) => this.#keep(line));
  }

  end(): string[] {
    return this.#output.end().map((line) => this.#keep(line));
  }

  fault(image: string, why: string): Fault {
    return new Fault('build_failed', this.#at.failure(`the build script of ${image}`, why));
  }

  #keep(text: string): string {
    const line = this.#mask(text);
    // A shell repeats the first character for commands within commands.
    const [, level, command] = new RegExp(`^(\\++)${this.#mark} (.*)$`, 's').exec(line) ?? [];
    if (level === undefined || command === undefined) {
      this.#at.add(line);
      return line;
    }
    this.#at.begin(command);
    return `${level} ${command}`;
  }
}
