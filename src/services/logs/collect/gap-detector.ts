import { isLateReader } from '../../../model/engine/late-reader.ts';
import type { ContainerState } from '../../../model/engine/runtime.ts';
import type { LogGap } from '../../../model/log.ts';
import { compareStamps } from '../stamps.ts';
import type { ReadLine } from './collected-line.ts';
import { Overlap } from './overlap.ts';
import type { Resumption } from './resume.ts';

/** Milliseconds in which a program prints its first line, and by which the timestamp of its start is rounded. */
const maxSilenceMs = 2000;

type Source = Pick<ContainerState, 'startedAt' | 'finishedAt' | 'logRotates'>;

/**
 * Joins what an engine gives of a log to what is stored of it, and finds where lines are missing in between: stored lines
 * that do not come again, and a beginning that nobody has read of a log that rotates. A kubelet gives out its newest file
 * alone, so of a component that is quiet after a rotation there may be nothing to tell it by.
 */
export class GapDetector {
  readonly #overlap: Overlap;
  readonly #container: Source;
  /** A gap is the last that is stored, and is told once. */
  readonly #isMarked: boolean;
  /** Start of a container whose beginning may be gone, until its first line has come. */
  #unreadSince: string | undefined;

  constructor(container: Source, { position, known }: Pick<Resumption, 'position' | 'known'>) {
    const { startedAt, logRotates } = container;
    this.#container = container;
    this.#overlap = new Overlap(known);
    this.#isMarked = position.gapAfter === position.maxAt;
    const isUnread = position.maxAt === '' && !this.#isMarked && logRotates === true;
    if (isUnread && isLateReader(container)) this.#unreadSince = startedAt;
  }

  /** What of a batch is new, and what is missing before it; an empty batch says that the engine has no more for now. */
  async join(batch: readonly ReadLine[]): Promise<{ lines: readonly ReadLine[]; gap?: LogGap }> {
    const unreadSince = this.#unreadSince;
    this.#unreadSince = undefined;
    const [first] = batch;
    if (!first) {
      const from = (await this.#overlap.missing()) ?? unreadSince;
      return { lines: [], ...(from !== undefined && this.#unlessMarked(from, this.#now(from))) };
    }
    const { lines, gap } = await this.#overlap.fresh(batch);
    if (gap) return { lines, ...this.#unlessMarked(gap.from, gap.to) };
    const isLate = unreadSince !== undefined && Date.parse(first.at) - Date.parse(unreadSince) > maxSilenceMs;
    return { lines, ...(isLate && this.#unlessMarked(unreadSince, first.at)) };
  }

  #unlessMarked(from: string, to: string): { gap?: LogGap } {
    return this.#isMarked ? {} : { gap: { from, to } };
  }

  /** Until when lines may be missing; the clocks of nodes differ. */
  #now(from: string): string {
    const now = this.#container.finishedAt ?? new Date().toISOString();
    return compareStamps(now, from) < 0 ? from : now;
  }
}
