import { describe, expect, test } from '@jest/globals';
import { LogEnd } from '../../../src/adapters/kubernetes/log-end.ts';
import { StampedLines } from '../../../src/adapters/kubernetes/stamped-lines.ts';
import { LogCut } from '../../../src/model/engine/log-cut.ts';

const stamp = (milliseconds: number): string =>
  new Date(Date.UTC(2026, 10, 23) + milliseconds).toISOString().replace('Z', '123000Z');

/** What an answer that is cut to pieces of `size` bytes adds to what was read. */
function read(end: LogEnd, answer: string, size = 7): string {
  const lines = new StampedLines();
  const bytes = Buffer.from(answer);
  let text = '';
  end.restart();
  for (let from = 0; from < bytes.length; from += size) {
    for (const piece of lines.push(bytes.subarray(from, from + size))) {
      text += piece.at === undefined ? `[${piece.bytes}]` : end.fresh(piece).toString('utf8');
    }
  }
  end.finish();
  return text;
}

/** A log whose stamps are out of order by up to 90 ms, as those of stdout and stderr are. */
const log = Array.from({ length: 500 }, (_, index) => `${stamp(index * 10 + ((index * 7919) % 90))} line ${index}\n`);

describe('the lines of a kubelet', () => {
  test.each([1, 7, 40, 5000])('are the same in pieces of %d bytes', (size) => {
    const expected = log.map((line) => line.slice(31)).join('');
    expect(read(new LogEnd(), log.join(''), size)).toBe(expected);
  });

  test('have stamps in UTC, whatever the time zone of the node', () => {
    const [piece] = new StampedLines().push(Buffer.from('2026-11-23T01:30:00.5+02:00 hello\n'));
    expect(piece).toMatchObject({ at: '2026-11-22T23:30:00.500000000Z' });
  });

  test('without a stamp are told apart from those of the container', () => {
    const answer = `${log[0]}unable to retrieve container logs for containerd://0123\n`;
    expect(read(new LogEnd(), answer, 5000)).toBe(
      'line 0\n[unable to retrieve container logs for containerd://0123\n]',
    );
  });
});

describe('an answer that repeats what was read', () => {
  test('adds what was not, from every place of a log', () => {
    for (let known = 1; known < log.length; known += 13) {
      const end = new LogEnd();
      read(end, log.slice(0, known).join(''));
      const since = end.since ?? '';
      const answer = log.filter((line) => line >= since).join('');
      expect(read(end, answer)).toBe(
        log
          .slice(known)
          .map((line) => line.slice(31))
          .join(''),
      );
    }
  });

  test('adds the rest of a line whose beginning was read', () => {
    const end = new LogEnd();
    expect(read(end, `${stamp(0)} one\n${stamp(1)} begun`)).toBe('one\nbegun');
    expect(read(end, `${stamp(0)} one\n${stamp(1)} begun and`)).toBe(' and');
    expect(read(end, `${stamp(0)} one\n${stamp(1)} begun and ended\n${stamp(2)} next\n`)).toBe(' ended\nnext\n');
  });

  test('but does not hold the last line any more is a cut', () => {
    const end = new LogEnd();
    read(end, `${stamp(0)} one\n`);
    expect(() => read(end, `${stamp(2000)} later\n`)).toThrow(LogCut);
    expect(() => read(end, '')).toThrow(LogCut);
  });
});
