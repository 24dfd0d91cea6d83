import { describe, expect, test } from '@jest/globals';
import { LogCursor } from '../../../src/adapters/kubernetes/log-cursor.ts';
import { TimestampedLines } from '../../../src/adapters/kubernetes/timestamped-lines.ts';
import { LogTruncatedError } from '../../../src/model/engine/log-errors.ts';

const timestamp = (milliseconds: number): string =>
  new Date(Date.UTC(2026, 10, 23) + milliseconds).toISOString().replace('Z', '123000Z');

/** Reads an answer in pieces of `size` bytes. Returns the bytes that were not read before. */
function readAnswer(cursor: LogCursor, answer: string, size = 7): string {
  const lines = new TimestampedLines();
  const bytes = Buffer.from(answer);
  let text = '';
  cursor.restart();
  for (let from = 0; from < bytes.length; from += size) {
    for (const piece of lines.push(bytes.subarray(from, from + size))) {
      text += piece.at === undefined ? `[${piece.bytes}]` : cursor.unreadBytes(piece).toString('utf8');
    }
  }
  cursor.finish();
  return text;
}

/** Log with timestamps out of order by up to 90 ms, like those of stdout and stderr. */
const log = Array.from(
  { length: 500 },
  (_, index) => `${timestamp(index * 10 + ((index * 7919) % 90))} line ${index}\n`,
);

describe('TimestampedLines', () => {
  test.each([1, 7, 40, 5000])('returns the same lines in pieces of %d bytes', (size) => {
    const expected = log.map((line) => line.slice(31)).join('');
    expect(readAnswer(new LogCursor(), log.join(''), size)).toBe(expected);
  });

  test('converts timestamps to UTC, whatever the time zone of the node', () => {
    const [piece] = new TimestampedLines().push(Buffer.from('2026-11-23T01:30:00.5+02:00 hello\n'));
    expect(piece).toMatchObject({ at: '2026-11-22T23:30:00.500000000Z' });
  });

  test('separates lines without a timestamp, which are messages of the kubelet', () => {
    const answer = `${log[0]}unable to retrieve container logs for containerd://0123\n`;
    expect(readAnswer(new LogCursor(), answer, 5000)).toBe(
      'line 0\n[unable to retrieve container logs for containerd://0123\n]',
    );
  });
});

describe('LogCursor', () => {
  test('returns only unread lines when an answer repeats known ones, from every position of a log', () => {
    for (let known = 1; known < log.length; known += 13) {
      const cursor = new LogCursor();
      readAnswer(cursor, log.slice(0, known).join(''));
      const since = cursor.since ?? '';
      const answer = log.filter((line) => line >= since).join('');
      expect(readAnswer(cursor, answer)).toBe(
        log
          .slice(known)
          .map((line) => line.slice(31))
          .join(''),
      );
    }
  });

  test('returns the rest of a line whose beginning was read', () => {
    const cursor = new LogCursor();
    expect(readAnswer(cursor, `${timestamp(0)} one\n${timestamp(1)} begun`)).toBe('one\nbegun');
    expect(readAnswer(cursor, `${timestamp(0)} one\n${timestamp(1)} begun and`)).toBe(' and');
    expect(readAnswer(cursor, `${timestamp(0)} one\n${timestamp(1)} begun and ended\n${timestamp(2)} next\n`)).toBe(
      ' ended\nnext\n',
    );
  });

  test('throws LogTruncatedError when an answer no longer has the last known line', () => {
    const cursor = new LogCursor();
    readAnswer(cursor, `${timestamp(0)} one\n`);
    expect(() => readAnswer(cursor, `${timestamp(2000)} later\n`)).toThrow(LogTruncatedError);
    expect(() => readAnswer(cursor, '')).toThrow(LogTruncatedError);
  });
});
