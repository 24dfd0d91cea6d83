import { isLateReader } from '../../../model/engine/late-reader.ts';
import type { ContainerState } from '../../../model/engine/runtime.ts';
import type { LogGap } from '../../../model/log.ts';
import { compareTimestamps } from '../timestamps.ts';
import type { CollectedLine } from './collected-line.ts';
import { LogDeduplicator } from './log-deduplicator.ts';
import type { ResumePoint } from './resume-point.ts';

/** Maximum time from a container's start to its first line, with the rounding of the start time, in milliseconds. */
const maxSilenceMs = 2000;

type Source = Pick<ContainerState, 'startedAt' | 'finishedAt' | 'logRotates'>;

/**
 * Joins the lines of an engine to the stored ones and detects missing lines in between: stored lines that the engine does not
 * repeat, and the unread beginning of a log that rotates. A kubelet returns its newest file only, so the loss may go
 * undetected for a component that is quiet after a rotation.
 */
export class GapDetector {
  readonly #deduplicator: LogDeduplicator;
  readonly #container: Source;
  /** True when the newest stored entry is a gap, which is stored once. */
  readonly #isMarked: boolean;
  /** Start of a container whose first lines may be lost, until a line arrives. */
  #unreadSince: string | undefined;

  constructor(container: Source, { position, known }: Pick<ResumePoint, 'position' | 'known'>) {
    const { startedAt, logRotates } = container;
    this.#container = container;
    this.#deduplicator = new LogDeduplicator(known);
    this.#isMarked = position.gapAfter === position.maxAt;
    const isUnread = position.maxAt === '' && !this.#isMarked && logRotates === true;
    if (isUnread && isLateReader(container)) this.#unreadSince = startedAt;
  }

  /** Returns the new lines of a batch, and the gap before them. An empty batch means that the engine has no more for now. */
  async join(batch: readonly CollectedLine[]): Promise<{ lines: readonly CollectedLine[]; gap?: LogGap }> {
    const unreadSince = this.#unreadSince;
    this.#unreadSince = undefined;
    const [first] = batch;
    if (!first) {
      const from = (await this.#deduplicator.findMissing()) ?? unreadSince;
      return { lines: [], ...(from !== undefined && this.#unlessMarked(from, this.#gapEnd(from))) };
    }
    const { lines, gap } = await this.#deduplicator.deduplicate(batch);
    if (gap) return { lines, ...this.#unlessMarked(gap.from, gap.to) };
    const isLate = unreadSince !== undefined && Date.parse(first.at) - Date.parse(unreadSince) > maxSilenceMs;
    return { lines, ...(isLate && this.#unlessMarked(unreadSince, first.at)) };
  }

  #unlessMarked(from: string, to: string): { gap?: LogGap } {
    return this.#isMarked ? {} : { gap: { from, to } };
  }

  /** Returns the end of a gap, not before `from`, as the clocks of nodes differ. */
  #gapEnd(from: string): string {
    const now = this.#container.finishedAt ?? new Date().toISOString();
    return compareTimestamps(now, from) < 0 ? from : now;
  }
}
