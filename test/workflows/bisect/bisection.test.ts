import { describe, expect, test } from '@jest/globals';
import { Bisection } from '../../../workflows/bisect/bisection.ts';

/** Searches to the end; which commits were tested, in their order. */
function search(count: number, firstBad: number, skipped: (index: number) => boolean = () => false) {
  const bisection = new Bisection(count);
  const tested: number[] = [];
  for (let index = bisection.next; index !== undefined; index = bisection.next) {
    tested.push(index);
    bisection.tell(index, skipped(index) ? 'skip' : index < firstBad ? 'good' : 'bad');
  }
  return { tested, suspects: bisection.suspects };
}

describe('a binary search for the first bad commit', () => {
  test.each([1, 2, 3, 5, 64, 100])('of %i finds each one in at most so many tests as the logarithm says', (count) => {
    for (let bad = 0; bad < count; bad += 1) {
      const { tested, suspects } = search(count, bad);
      expect(suspects).toEqual([bad]);
      expect(tested.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)));
      expect(new Set(tested).size).toBe(tested.length);
    }
  });

  test('tests a neighbour of a commit that could not be tested, and never the same one again', () => {
    const { tested, suspects } = search(64, 41, (index) => index === 31);
    expect(tested).toEqual([31, 30, 46, 38, 42, 40, 41]);
    expect(suspects).toEqual([41]);
  });

  test('names all that it may be where those that could not be tested keep it from being told', () => {
    const { suspects } = search(10, 5, (index) => index >= 4 && index <= 6);
    expect(suspects).toEqual([4, 5, 6, 7]);
  });

  test('of which no commit can be tested names them all', () => {
    expect(search(4, 0, () => true)).toEqual({ tested: [1, 0, 2], suspects: [0, 1, 2, 3] });
  });
});
