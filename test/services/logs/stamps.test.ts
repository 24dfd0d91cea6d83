import { describe, expect, test } from '@jest/globals';
import { compareStamps, secondBefore } from '../../../src/services/logs/stamps.ts';

describe('stamps', () => {
  /** From the earliest to the latest. */
  const ordered = [
    '',
    '2025-12-31T23:59:59.999999999Z',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.000000001Z',
    '2026-01-01T00:00:00.1Z',
    '2026-01-01T00:00:00.10000001Z',
    '2026-01-01T00:00:00.123Z',
    '2026-01-01T00:00:00.123000001Z',
    '2026-01-01T00:00:00.2Z',
    '2026-01-01T00:00:01Z',
    '2026-01-01T00:00:01.5Z',
  ];

  test('are in the order of time, however many digits their fractions have', () => {
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries())
        expect([a, b, Math.sign(compareStamps(a, b))]).toEqual([a, b, Math.sign(i - j)]);
    }
    expect(ordered.toReversed().sort(compareStamps)).toEqual(ordered);
  });

  test.each([
    ['2026-01-01T00:00:05Z', '2026-01-01T00:00:05.000000000Z'],
    ['2026-01-01T00:00:05Z', '2026-01-01T00:00:05.000Z'],
    ['2026-01-01T00:00:05.12Z', '2026-01-01T00:00:05.120000000Z'],
    ['2026-01-01T00:00:10.100Z', '2026-01-01T00:00:10.1Z'],
    ['', ''],
  ])('of the same moment are equal: %s and %s', (a, b) => {
    expect([compareStamps(a, b), compareStamps(b, a)]).toEqual([0, 0]);
  });

  test.each([
    ['2026-01-01T00:00:05.999999999Z', '2026-01-01T00:00:04Z'],
    ['2026-01-01T00:00:05.000000001Z', '2026-01-01T00:00:04Z'],
    ['2026-01-01T00:00:05Z', '2026-01-01T00:00:04Z'],
    ['2026-01-01T00:00:00.5Z', '2025-12-31T23:59:59Z'],
    ['2024-03-01T00:00:00.5Z', '2024-02-29T23:59:59Z'],
  ])('of %s: the second before it begins at %s', (stamp, expected) => {
    expect(secondBefore(stamp)).toBe(expected);
    expect(compareStamps(secondBefore(stamp), stamp)).toBeLessThan(0);
  });
});
