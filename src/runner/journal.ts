import { dirname } from 'node:path';
import { artifactFolder, sayArtifacts } from './artifacts.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { type MarkerBody, type Output, stamp } from './output.ts';

/** How far the run has come, kept in its checkpoint and told by markers. Steps that run side by side share it. */
export class Journal {
  readonly #file: string;
  readonly #output: Output;
  #at: Checkpoint;
  /** Ends of steps one by one: each is said before the next is kept, so that a crash loses none. */
  #ending: Promise<void> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();

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

  /** Adds to what is known, and keeps it. */
  keep(change: Partial<Checkpoint>): Promise<void> {
    this.#at = { ...this.#at, ...change };
    const saved = this.#saving.then(() => saveCheckpoint(this.#file, this.#at));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  /** Keeps how many tries of a step that goes on have failed. */
  keepTries(instance: string, failed: number): Promise<void> {
    return this.keep({ failedTries: { ...this.#at.failedTries, [instance]: failed } });
  }

  /** Keeps and says the end of a step, in this order: a crash in between makes the next runner say it. */
  end(body: MarkerBody, end: { done: Checkpoint['done'][number] } | { failed: string }): Promise<void> {
    const ended = this.#ending.then(async () => {
      const { done, failed } = this.#at;
      const change = 'done' in end ? { done: [...done, end.done] } : { failed: [...failed, end.failed] };
      await this.keep({ ...change, lastEnd: stamp(body, this.#at.mark) });
      await this.repeatEnd();
    });
    this.#ending = ended.catch(() => undefined);
    return ended;
  }

  /** Says the end of the newest step that has ended, and before it the files that the step left. */
  async repeatEnd(): Promise<void> {
    const { lastEnd } = this.#at;
    if (!lastEnd || !('instance' in lastEnd)) return;
    const { instance } = lastEnd;
    await sayArtifacts(artifactFolder(dirname(this.#file), instance), instance, {
      say: this.say,
      output: this.#output.of(instance),
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
