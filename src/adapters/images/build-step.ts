import { StringDecoder } from 'node:string_decoder';
import type { Mask } from '../../model/mask.ts';
import type { BuildStatus } from './buildkit/read-status.ts';
import { StepOutput } from './step-output.ts';
import { TerminalLineBuffer } from './terminal-line-buffer.ts';

/** Steps that load the sources: they are shown only when they print something. */
const quietSteps = /^(\[internal\] load (remote build context|build definition .*|\.dockerignore)|copy \/context \/)$/;

/** A step of a build as BuildKit reports it, with the end of its output for the message of a failure. */
export class BuildStep {
  name = '';
  error: string | undefined;
  readonly output = new StepOutput();
  readonly #streams = new Map<number, { decoder: StringDecoder; lines: TerminalLineBuffer }>();
  readonly #reported = new Set<string>();
  readonly #mask: Mask;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** Tells whether the step only loads the sources. */
  get isQuiet(): boolean {
    return quietSteps.test(this.name);
  }

  /** Updates the step. Returns true when it has just begun and is shown. */
  update({ name, started, error }: BuildStatus['vertexes'][number]): boolean {
    if (this.name === '') this.output.begin(this.#mask(name));
    this.name = name;
    if (error !== '') this.error = error;
    return Boolean(started) && this.reportOnce('begun').length > 0 && !this.isQuiet;
  }

  /** Returns a repeated report only the first time. */
  reportOnce(report: string): string[] {
    if (this.#reported.has(report)) return [];
    this.#reported.add(report);
    return [report];
  }

  /** Returns the lines that this piece of output completes. */
  print(stream: number, piece: Uint8Array): string[] {
    const { decoder, lines } = this.#streams.get(stream) ?? {
      decoder: new StringDecoder(),
      lines: new TerminalLineBuffer(),
    };
    this.#streams.set(stream, { decoder, lines });
    return this.#keep(lines.push(decoder.write(piece)));
  }

  end(): string[] {
    return this.#keep([...this.#streams.values()].flatMap(({ lines }) => lines.end()));
  }

  #keep(lines: string[]): string[] {
    // Masked before the message of a failure cuts long lines: a part of a secret would not be recognized.
    for (const line of lines) this.output.add(this.#mask(line));
    return lines;
  }
}
