import { expect, test } from '@jest/globals';
import { LogPlace } from '../../../src/adapters/docker/log-place.ts';

/** Stamp at so many milliseconds, with microseconds. */
const stamp = (milliseconds: number): string =>
  new Date(Date.UTC(2026, 10, 23) + milliseconds).toISOString().replace('Z', '123000Z');

test('an unread log is asked for from where the reader wants it', () => {
  const empty = { since: '2026-11-23T10:00:00.000000000Z', skip: 0 };
  expect(new LogPlace('2026-11-23T10:00:00Z').rest(undefined)).toEqual(empty);
  expect(new LogPlace(undefined).rest(undefined)).toEqual({ since: undefined, skip: 0 });
});

test('from any place of a log with stamps out of order, the rest is what was not read', () => {
  const stamps = Array.from({ length: 30_000 }, (_, index) => stamp(index + ((index * 7919) % 90)));
  const since = stamp(500);
  const log = stamps.filter((at) => at >= since);
  const place = new LogPlace(since);
  for (const [index, at] of log.entries()) {
    place.add(at, () => undefined);
    if (index % 997 !== 0) continue;
    const { since: from = '', skip } = place.rest(undefined);
    const answer = log.filter((one) => one >= from);
    expect(answer.slice(skip)).toEqual(log.slice(index + 1));
    expect(skip).toBeLessThan(300);
  }
});

test('a line that began long ago is asked for from its beginning', () => {
  const log = [stamp(0), ...Array.from({ length: 20_000 }, (_, index) => stamp(index + 1))];
  const place = new LogPlace(undefined);
  for (const at of log) place.add(at, () => log[0]);
  expect(place.rest(log[0])).toEqual({ since: expect.stringMatching(/00:00:00.000000000Z$/), skip: log.length });
});
