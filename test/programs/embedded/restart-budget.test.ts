import { describe, expect, test } from '@jest/globals';
import { RestartBudget } from '../../../src/programs/embedded/restart-budget.ts';

const limits = { maxEnds: 5, windowMs: 60_000, firstPauseMs: 100, maxPauseMs: 500 };

/** The pauses after ends at these times, in milliseconds. */
const pauses = (times: readonly number[]): (number | undefined)[] => {
  const budget = new RestartBudget(limits);
  return times.map((at) => budget.take(at));
};

describe('a restart budget', () => {
  test('doubles the pause with each end up to the longest pause, and gives up after too many ends', () => {
    expect(pauses([0, 1, 2, 3, 4, 5])).toEqual([100, 200, 400, 500, 500, undefined]);
  });

  test('forgets ends that are older than the window, however many there were', () => {
    const rare = Array.from({ length: 50 }, (_, index) => index * 60_000);
    expect(new Set(pauses(rare))).toEqual(new Set([100]));
    expect(pauses([0, 1, 2, 3, 4, 60_000])).toEqual([100, 200, 400, 500, 500, 500]);
  });
});
