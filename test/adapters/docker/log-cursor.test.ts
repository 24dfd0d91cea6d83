import { expect, test } from '@jest/globals';
import { LogCursor } from '../../../src/adapters/docker/log-cursor.ts';

const out = (at: string) => ({ kind: 'out' as const, at });

/** Returns a timestamp with microseconds. */
const timestamp = (milliseconds: number): string =>
  new Date(Date.UTC(2026, 10, 23) + milliseconds).toISOString().replace('Z', '123000Z');

test('returns the requested start for an unread log', () => {
  const empty = { since: '2026-11-23T10:00:00.000000000Z', skip: 0 };
  expect(new LogCursor('2026-11-23T10:00:00Z').resumePoint(undefined)).toEqual(empty);
  expect(new LogCursor(undefined).resumePoint(undefined)).toEqual({ since: undefined, skip: 0 });
});

test('returns the unread frames from any position of a log with disordered timestamps', () => {
  const timestamps = Array.from({ length: 30_000 }, (_, index) => timestamp(index + ((index * 7919) % 90)));
  const since = timestamp(500);
  const log = timestamps.filter((at) => at >= since);
  const cursor = new LogCursor(since);
  for (const [index, at] of log.entries()) {
    cursor.add(out(at), () => undefined);
    if (index % 997 !== 0) continue;
    const { since: from = '', skip, last } = cursor.resumePoint(undefined);
    const answer = log.filter((one) => one >= from);
    expect(answer.slice(skip)).toEqual(log.slice(index + 1));
    expect(skip).toBeLessThan(300);
    expect(last).toEqual(out(answer[skip - 1] as string));
  }
});

test('returns the beginning of a line that began long ago', () => {
  const log = [timestamp(0), ...Array.from({ length: 20_000 }, (_, index) => timestamp(index + 1))];
  const cursor = new LogCursor(undefined);
  for (const at of log) cursor.add(out(at), () => log[0]);
  expect(cursor.resumePoint(log[0])).toEqual({
    since: expect.stringMatching(/00:00:00.000000000Z$/),
    skip: log.length,
    last: out(log.at(-1) as string),
  });
});

test('compares with the last frame from the position on, when a long line has just ended with its old timestamp', () => {
  const [begun, between] = [out(timestamp(0)), { kind: 'err' as const, at: timestamp(300) }];
  const cursor = new LogCursor(undefined);
  for (const frame of [begun, begun, between]) cursor.add(frame, () => begun.at);
  expect(cursor.resumePoint(begun.at)).toMatchObject({ skip: 3, last: between });
  cursor.add(begun, () => undefined);
  expect(cursor.resumePoint(undefined)).toEqual({
    since: expect.stringMatching(/00:00:00.200000000Z$/),
    skip: 1,
    last: between,
  });
});
