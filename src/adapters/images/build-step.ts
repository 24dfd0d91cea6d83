import { StringDecoder } from 'node:string_decoder';
import type { Mask } from '../../model/mask.ts';
import type { BuildStatus } from './buildkit/read-status.ts';
import { OutputLines } from './output-lines.ts';
import { StepOutput } from './step-output.ts';

/** Steps by which the builder takes in the sources: they show only when they have something to say. */
const quiet = /^(\[internal\] load (remote build context|build definition .*|\.dockerignore)|copy \/context \/)$/;

/** One step of a build by what BuildKit tells of it, and the end of its output for the message of a failure. */
export class BuildStep {
  name = '';
  error: string | undefined;
  readonly output = new StepOutput();
  readonly #streams = new Map<number, { decoder: StringDecoder; lines: OutputLines }>();
  readonly #told = new Set<string>();
  readonly #mask: Mask;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** True of one that only takes in the sources. */
  get isQuiet(): boolean {
    return quiet.test(this.name);
  }

  /** True where it has just begun, and is one to be shown. */
  update({ name, started, error }: BuildStatus['vertexes'][number]): boolean {
    if (this.name === '') this.output.begin(this.#mask(name));
    this.name = name;
    if (error !== '') this.error = error;
    return Boolean(started) && this.once('begun').length > 0 && !this.isQuiet;
  }

  /** What is told many times, the first time. */
  once(told: string): string[] {
    if (this.#told.has(told)) return [];
    this.#told.add(told);
    return [told];
  }

  /** The lines that are complete with this piece of output. */
  print(stream: number, piece: Uint8Array): string[] {
    const { decoder, lines } = this.#streams.get(stream) ?? { decoder: new StringDecoder(), lines: new OutputLines() };
    this.#streams.set(stream, { decoder, lines });
    return this.#keep(lines.push(decoder.write(piece)));
  }

  end(): string[] {
    return this.#keep([...this.#streams.values()].flatMap(({ lines }) => lines.end()));
  }

  #keep(lines: string[]): string[] {
    // Masked here, too: the message of a failure cuts long lines, and a part of a secret is not known any more.
    for (const line of lines) this.output.add(this.#mask(line));
    return lines;
  }
}
