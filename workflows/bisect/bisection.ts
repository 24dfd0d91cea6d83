import type { BisectVerdict } from '../../src/model/bisect.ts';

/** A binary search over commits, oldest first. The last one is known to be bad; the one before the first is good. */
export class Bisection {
  #newestGood = -1;
  #oldestBad: number;
  readonly #skipped = new Set<number>();

  constructor(count: number) {
    this.#oldestBad = count - 1;
  }

  /**
   * Index of the commit to test next: the middle one, or its nearest neighbour that was not skipped; undefined at the
   * end.
   */
  get next(): number | undefined {
    const middle = Math.floor((this.#newestGood + this.#oldestBad) / 2);
    const open = this.suspects.slice(0, -1).filter((index) => !this.#skipped.has(index));
    const distance = (index: number): number => Math.abs(index - middle);
    return open.toSorted((one, other) => distance(one) - distance(other))[0];
  }

  recordVerdict(index: number, verdict: BisectVerdict): void {
    if (verdict === 'good') this.#newestGood = Math.max(this.#newestGood, index);
    else if (verdict === 'bad') this.#oldestBad = Math.min(this.#oldestBad, index);
    else this.#skipped.add(index);
  }

  /** Indexes of the commits that may be the first bad one, oldest first; the last one is known to be bad. */
  get suspects(): number[] {
    const count = this.#oldestBad - this.#newestGood;
    return Array.from({ length: count }, (_, offset) => this.#newestGood + 1 + offset);
  }
}
