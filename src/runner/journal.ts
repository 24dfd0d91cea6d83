import { dirname } from 'node:path';
import { artifactFolder, sayArtifacts } from './artifacts.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { type MarkerBody, type Output, stamp } from './output.ts';

/** How far the run has come, kept in its checkpoint and told by markers. */
export class Journal {
  readonly #file: string;
  readonly #output: Output;
  #at: Checkpoint;

  private constructor(file: string, output: Output, at: Checkpoint) {
    this.#file = file;
    this.#output = output;
    this.#at = at;
  }

  /** The journal of the attempt, as a runner before this one left it. */
  static async open(file: string, mark: string, output: Output): Promise<Journal> {
    return new Journal(file, output, await loadCheckpoint(file, mark));
  }

  get at(): Readonly<Checkpoint> {
    return this.#at;
  }

  /** Says what need not be known after a crash. */
  readonly say = (body: MarkerBody): Promise<void> => this.#output.repeat(stamp(body, this.#at.mark));

  async keep(change: Partial<Checkpoint>): Promise<void> {
    this.#at = { ...this.#at, ...change };
    await saveCheckpoint(this.#file, this.#at);
  }

  /** Keeps and says the end of a step, in this order: a crash in between makes the next runner say it. */
  async end(body: MarkerBody, change: Partial<Checkpoint>): Promise<void> {
    const lastEnd = stamp(body, this.#at.mark);
    await this.keep({ ...change, lastEnd, failedTries: 0 });
    await this.repeatEnd();
  }

  /** Says the end of the newest step that has ended, and before it the files that the step left. */
  async repeatEnd(): Promise<void> {
    const { lastEnd } = this.#at;
    if (!lastEnd || !('instance' in lastEnd)) return;
    const { instance } = lastEnd;
    await sayArtifacts(artifactFolder(dirname(this.#file), instance), instance, {
      say: this.say,
      output: this.#output,
    });
    await this.#output.repeat(lastEnd);
  }

  async judge(body: MarkerBody): Promise<void> {
    await this.keep({ verdict: stamp(body, this.#at.mark) });
    await this.repeatVerdict();
  }

  async repeatVerdict(): Promise<void> {
    if (this.#at.verdict) await this.#output.repeat(this.#at.verdict);
  }
}
