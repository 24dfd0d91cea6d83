import { dirname } from 'node:path';
import { artifactFolder, writeArtifacts } from './artifacts.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { createMarker, type MarkerBody, type Output } from './output.ts';

/** The progress of a run, saved in its checkpoint and written as markers. Parallel steps share it. */
export class Journal {
  readonly #file: string;
  readonly #output: Output;
  #checkpoint: Checkpoint;
  /** Queue of steps' ends: each is written before the next is saved, so that a crash loses none. */
  #endQueue: Promise<void> = Promise.resolve();
  #saveQueue: Promise<void> = Promise.resolve();

  private constructor(file: string, output: Output, checkpoint: Checkpoint) {
    this.#file = file;
    this.#output = output;
    this.#checkpoint = checkpoint;
  }

  /** Opens the journal of the attempt in the state that an earlier runner left. */
  static async open(file: string, mark: string, output: Output): Promise<Journal> {
    return new Journal(file, output, await loadCheckpoint(file, mark));
  }

  get checkpoint(): Readonly<Checkpoint> {
    return this.#checkpoint;
  }

  /** Writes a marker without saving it for a restart. */
  readonly write = (body: MarkerBody): Promise<void> =>
    this.#output.writeMarker(createMarker(body, this.#checkpoint.mark));

  /** Changes and saves the checkpoint. */
  save(change: Partial<Checkpoint>): Promise<void> {
    this.#checkpoint = { ...this.#checkpoint, ...change };
    const saved = this.#saveQueue.then(() => saveCheckpoint(this.#file, this.#checkpoint));
    this.#saveQueue = saved.catch(() => undefined);
    return saved;
  }

  /** Saves the number of failed tries of a running step. */
  saveTries(instance: string, failed: number): Promise<void> {
    return this.save({ failedTries: { ...this.#checkpoint.failedTries, [instance]: failed } });
  }

  /** Saves the end of a step, then writes its marker: after a crash in between, the next runner writes it. */
  endStep(body: MarkerBody, end: { done: Checkpoint['done'][number] } | { failed: string }): Promise<void> {
    const ended = this.#endQueue.then(async () => {
      const { done, failed } = this.#checkpoint;
      const change = 'done' in end ? { done: [...done, end.done] } : { failed: [...failed, end.failed] };
      await this.save({ ...change, lastEnd: createMarker(body, this.#checkpoint.mark) });
      await this.repeatEnd();
    });
    this.#endQueue = ended.catch(() => undefined);
    return ended;
  }

  /** Writes the end of the newest ended step, after the step's artifacts. */
  async repeatEnd(): Promise<void> {
    const { lastEnd } = this.#checkpoint;
    if (!lastEnd || !('instance' in lastEnd)) return;
    const { instance } = lastEnd;
    await writeArtifacts(artifactFolder(dirname(this.#file), instance), instance, {
      write: this.write,
      output: this.#output.of(instance),
    });
    await this.#output.writeMarker(lastEnd);
  }

  async saveVerdict(body: MarkerBody): Promise<void> {
    await this.save({ verdict: createMarker(body, this.#checkpoint.mark) });
    await this.repeatVerdict();
  }

  async repeatVerdict(): Promise<void> {
    if (this.#checkpoint.verdict) await this.#output.writeMarker(this.#checkpoint.verdict);
  }
}
