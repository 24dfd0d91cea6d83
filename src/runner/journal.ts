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
  async say(body: MarkerBody): Promise<void> {
    await this.#output.repeat(stamp(body, this.#at.mark));
  }

  async keep(change: Partial<Checkpoint>): Promise<void> {
    this.#at = { ...this.#at, ...change };
    await saveCheckpoint(this.#file, this.#at);
  }

  /** Keeps and says the end of a step, in this order: a crash in between makes the next runner say it. */
  async end(body: MarkerBody, change: Partial<Checkpoint>): Promise<void> {
    const lastEnd = stamp(body, this.#at.mark);
    await this.keep({ ...change, lastEnd, failedTries: 0 });
    await this.#output.repeat(lastEnd);
  }

  async judge(body: MarkerBody): Promise<void> {
    await this.keep({ verdict: stamp(body, this.#at.mark) });
    await this.repeat('verdict');
  }

  /** Says again what was kept, if anything was. */
  async repeat(what: 'lastEnd' | 'verdict'): Promise<void> {
    const marker = this.#at[what];
    if (marker) await this.#output.repeat(marker);
  }
}
