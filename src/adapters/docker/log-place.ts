import { comparable } from '../../model/engine/stamps.ts';

/** Milliseconds by which stamps of stdout and stderr may be out of order in the engine's file; it was microseconds. */
const disorder = 100;
/** A stamp cut to hundredths of a second. */
const bucketLength = '2026-11-23T16:50:31.99'.length;
const mostBuckets = 1000;

/**
 * How far a log was read, to ask for the rest of it. The engine only knows stamps, which are not monotonic; but of the
 * frames from a stamp on, those that were read come first, so it is enough to know how many.
 */
export class LogPlace {
  /** Frames since the start, and in each of the newest hundredths of a second. */
  total = 0;
  readonly #since: string | undefined;
  readonly #counts = new Map<string, number>();
  #newest = '';

  constructor(since: string | undefined) {
    this.#since = since && comparable(since);
  }

  /** `oldest` is the stamp of the oldest line that has begun and not ended: its other frames carry it too. */
  add(at: string, oldest: () => string | undefined): void {
    const bucket = at.slice(0, bucketLength);
    const count = this.#counts.get(bucket) ?? 0;
    this.#counts.set(bucket, count + 1);
    this.total += 1;
    if (at > this.#newest) this.#newest = at;
    if (count > 0 || this.#counts.size <= mostBuckets) return;
    const first = this.#first(oldest());
    for (const old of this.#counts.keys()) if (old < first) this.#counts.delete(old);
  }

  /** From where to ask, and how many of the frames that come then are known. */
  rest(oldest: string | undefined): { since: string | undefined; skip: number } {
    if (this.total === 0) return { since: this.#since, skip: 0 };
    const first = this.#first(oldest);
    let skip = 0;
    for (const [bucket, count] of this.#counts) if (bucket >= first) skip += count;
    const since = `${first.padEnd(bucketLength + 7, '0')}Z`;
    return { since: this.#since !== undefined && this.#since > since ? this.#since : since, skip };
  }

  #first(oldest: string | undefined): string {
    const back = new Date(Date.parse(this.#newest) - disorder).toISOString();
    return (oldest !== undefined && oldest < back ? oldest : back).slice(0, bucketLength);
  }
}
