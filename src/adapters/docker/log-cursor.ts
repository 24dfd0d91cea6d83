import { normalizeTimestamp } from '../../model/engine/timestamps.ts';

/** Maximum disorder of the timestamps of stdout and stderr in the engine's file; microseconds were measured. */
const maxDisorderMs = 100;
/** Length of a timestamp cut to hundredths of a second. */
const bucketLength = '2026-11-23T16:50:31.99'.length;
const maxBuckets = 1000;

/**
 * Position up to which a log was read, to request the rest of it. The engine only knows timestamps, which are not
 * monotonic. But of the frames from a timestamp on, those already read come first, so their number is enough.
 */
export class LogCursor {
  /** Number of frames since the start; `#counts` has those of each of the newest hundredths of a second. */
  totalFrames = 0;
  readonly #since: string | undefined;
  readonly #counts = new Map<string, number>();
  #newest = '';

  constructor(since: string | undefined) {
    this.#since = since && normalizeTimestamp(since);
  }

  /** Counts a frame. `oldest` returns the timestamp of the oldest unfinished line: its other frames carry it too. */
  add(at: string, oldest: () => string | undefined): void {
    const bucket = at.slice(0, bucketLength);
    const count = this.#counts.get(bucket) ?? 0;
    this.#counts.set(bucket, count + 1);
    this.totalFrames += 1;
    if (at > this.#newest) this.#newest = at;
    if (count > 0 || this.#counts.size <= maxBuckets) return;
    const first = this.#first(oldest());
    for (const old of this.#counts.keys()) if (old < first) this.#counts.delete(old);
  }

  /** Returns the timestamp to request the log from, and the number of known frames to skip. */
  resumePoint(oldest: string | undefined): { since: string | undefined; skip: number } {
    if (this.totalFrames === 0) return { since: this.#since, skip: 0 };
    const first = this.#first(oldest);
    let skip = 0;
    for (const [bucket, count] of this.#counts) if (bucket >= first) skip += count;
    const since = `${first.padEnd(bucketLength + 7, '0')}Z`;
    return { since: this.#since !== undefined && this.#since > since ? this.#since : since, skip };
  }

  #first(oldest: string | undefined): string {
    const back = new Date(Date.parse(this.#newest) - maxDisorderMs).toISOString();
    return (oldest !== undefined && oldest < back ? oldest : back).slice(0, bucketLength);
  }
}
