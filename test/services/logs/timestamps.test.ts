import { describe, expect, test } from '@jest/globals';
import { compareTimestamps, secondBefore } from '../../../src/services/logs/timestamps.ts';

describe('compareTimestamps and secondBefore', () => {
  /** Timestamps from the earliest to the latest. */
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

  test('compareTimestamps orders timestamps by time, however many fraction digits they have', () => {
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries())
        expect([a, b, Math.sign(compareTimestamps(a, b))]).toEqual([a, b, Math.sign(i - j)]);
    }
    expect(ordered.toReversed().sort(compareTimestamps)).toEqual(ordered);
  });

  test.each([
    ['2026-01-01T00:00:05Z', '2026-01-01T00:00:05.000000000Z'],
    ['2026-01-01T00:00:05Z', '2026-01-01T00:00:05.000Z'],
    ['2026-01-01T00:00:05.12Z', '2026-01-01T00:00:05.120000000Z'],
    ['2026-01-01T00:00:10.100Z', '2026-01-01T00:00:10.1Z'],
    ['', ''],
  ])('compareTimestamps treats %s and %s as equal', (a, b) => {
    expect([compareTimestamps(a, b), compareTimestamps(b, a)]).toEqual([0, 0]);
  });

  test.each([
    ['2026-01-01T00:00:05.999999999Z', '2026-01-01T00:00:04Z'],
    ['2026-01-01T00:00:05.000000001Z', '2026-01-01T00:00:04Z'],
    ['2026-01-01T00:00:05Z', '2026-01-01T00:00:04Z'],
    ['2026-01-01T00:00:00.5Z', '2025-12-31T23:59:59Z'],
    ['2024-03-01T00:00:00.5Z', '2024-02-29T23:59:59Z'],
  ])('secondBefore %s is %s', (timestamp, expected) => {
    expect(secondBefore(timestamp)).toBe(expected);
    expect(compareTimestamps(secondBefore(timestamp), timestamp)).toBeLessThan(0);
  });
});
