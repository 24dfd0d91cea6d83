import { describe, expect, test } from '@jest/globals';
import { Bisection } from '../../../workflows/bisect/bisection.ts';

/** Searches to the end, and returns the tested commits in order. */
function search(count: number, firstBad: number, skipped: (index: number) => boolean = () => false) {
  const bisection = new Bisection(count);
  const tested: number[] = [];
  for (let index = bisection.next; index !== undefined; index = bisection.next) {
    tested.push(index);
    bisection.recordVerdict(index, skipped(index) ? 'skip' : index < firstBad ? 'good' : 'bad');
  }
  return { tested, suspects: bisection.suspects };
}

describe('a binary search for the first bad commit', () => {
  test.each([1, 2, 3, 5, 64, 100])('finds each of %i commits in at most log2 tests', (count) => {
    for (let bad = 0; bad < count; bad += 1) {
      const { tested, suspects } = search(count, bad);
      expect(suspects).toEqual([bad]);
      expect(tested.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)));
      expect(new Set(tested).size).toBe(tested.length);
    }
  });

  test('tests a neighbour of a commit that cannot be tested, and no commit twice', () => {
    const { tested, suspects } = search(64, 41, (index) => index === 31);
    expect(tested).toEqual([31, 30, 46, 38, 42, 40, 41]);
    expect(suspects).toEqual([41]);
  });

  test('names all suspects when commits that cannot be tested hide the first bad one', () => {
    const { suspects } = search(10, 5, (index) => index >= 4 && index <= 6);
    expect(suspects).toEqual([4, 5, 6, 7]);
  });

  test('names all commits when none can be tested', () => {
    expect(search(4, 0, () => true)).toEqual({ tested: [1, 0, 2], suspects: [0, 1, 2, 3] });
  });
});
