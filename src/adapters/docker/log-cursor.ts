import type { Frame } from '../../model/engine/lines.ts';
import { normalizeTimestamp } from '../../model/engine/timestamps.ts';

/** Maximum disorder of the timestamps of stdout and stderr in the engine's file; microseconds were measured. */
const maxDisorderMs = 100;
/** Length of a timestamp cut to hundredths of a second. */
const bucketLength = '2026-11-23T16:50:31.99'.length;
const maxBuckets = 1000;

/** Tells frames apart as far as the engine does. */
export type FrameKey = Pick<Frame, 'kind' | 'at'>;

export interface ResumePoint {
  /** Timestamp to request the log from. */
  since: string | undefined;
  /** Number of frames to skip, as they are known. */
  skip: number;
  /** The last frame to skip. */
  last?: FrameKey;
}

/** What was read of a hundredth of a second. */
interface Bucket {
  count: number;
  last: FrameKey;
}

/**
 * Position up to which a log was read, to request the rest of it. The engine only knows timestamps, which are not
 * monotonic. But of the frames from a timestamp on, those already read come first, so their number is enough.
 */
export class LogCursor {
  /** Number of frames since the start. */
  totalFrames = 0;
  readonly #since: string | undefined;
  /** The newest hundredths of a second, in the order in which their last frames were read. */
  readonly #buckets = new Map<string, Bucket>();
  #newest = '';

  constructor(since: string | undefined) {
    this.#since = since && normalizeTimestamp(since);
  }

  /** Counts a frame. `oldest` returns the timestamp of the oldest unfinished line: its other frames carry it too. */
  add({ kind, at }: FrameKey, oldest: () => string | undefined): void {
    const name = at.slice(0, bucketLength);
    const known = this.#buckets.get(name);
    this.totalFrames += 1;
    this.#buckets.delete(name);
    this.#buckets.set(name, { count: (known?.count ?? 0) + 1, last: { kind, at } });
    if (at > this.#newest) this.#newest = at;
    if (known || this.#buckets.size <= maxBuckets) return;
    const first = this.#first(oldest());
    for (const old of this.#buckets.keys()) if (old < first) this.#buckets.delete(old);
  }

  /** Returns where to continue. The last frame read may lie before it: the end of a line carries its begin's timestamp. */
  resumePoint(oldest: string | undefined): ResumePoint {
    if (this.totalFrames === 0) return { since: this.#since, skip: 0 };
    const first = this.#first(oldest);
    let skip = 0;
    let last: FrameKey | undefined;
    for (const [name, bucket] of this.#buckets) {
      if (name < first) continue;
      skip += bucket.count;
      last = bucket.last;
    }
    const since = `${first.padEnd(bucketLength + 7, '0')}Z`;
    const asked = this.#since !== undefined && this.#since > since ? this.#since : since;
    return { since: asked, skip, last };
  }

  #first(oldest: string | undefined): string {
    const back = new Date(Date.parse(this.#newest) - maxDisorderMs).toISOString();
    return (oldest !== undefined && oldest < back ? oldest : back).slice(0, bucketLength);
  }
}
