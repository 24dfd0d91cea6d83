import { expect, test } from '@jest/globals';
import { parseDuration } from '../../src/model/duration.ts';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5h', 5_400_000],
  ['1m30s', 90_000],
  ['1h1m1s1ms', 3_661_001],
  ['0.4ms1s', 1000],
])('parses the duration %s to %d ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each([
  '',
  '30',
  's',
  '0s',
  '0.1ms',
  '-1s',
  '+1s',
  '30 s',
  ' 30s',
  '30s ',
  '1d',
  '30S',
  '1e3s',
  '.5s',
  '1.s',
  '30s\n',
])('rejects %j as a duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('parses a huge duration to Infinity, which exceeds every limit', () => {
  expect(parseDuration(`${'9'.repeat(400)}h`)).toBe(Number.POSITIVE_INFINITY);
});
