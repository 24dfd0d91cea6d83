import { describe, expect, test } from '@jest/globals';
import { RestartBudget } from '../../../src/programs/embedded/restart-budget.ts';

const limits = { maxExits: 5, windowMs: 60_000, firstPauseMs: 100, maxPauseMs: 500 };

/** Returns the pauses after exits at these times (ms). */
const pauses = (times: readonly number[]): (number | undefined)[] => {
  const budget = new RestartBudget(limits);
  return times.map((at) => budget.take(at));
};

describe('RestartBudget', () => {
  test('doubles the pause with each exit up to the maximum, and is used up after too many exits', () => {
    expect(pauses([0, 1, 2, 3, 4, 5])).toEqual([100, 200, 400, 500, 500, undefined]);
  });

  test('ignores exits before the window, however many there were', () => {
    const rare = Array.from({ length: 50 }, (_, index) => index * 60_000);
    expect(new Set(pauses(rare))).toEqual(new Set([100]));
    expect(pauses([0, 1, 2, 3, 4, 60_000])).toEqual([100, 200, 400, 500, 500, 500]);
  });
});
