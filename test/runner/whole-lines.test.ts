import { describe, expect, test } from '@jest/globals';
import { WholeLines } from '../../src/runner/whole-lines.ts';

function joined(pieces: readonly (Uint8Array | string)[]): string[] {
  const lines = new WholeLines();
  return pieces.map((piece) => lines.push(piece).toString('utf8'));
}

describe('the pieces of a stream', () => {
  test('come out as whole lines, once each is complete', () => {
    expect(joined(['a', 'b\nc', '\n', 'd\ne\nf', '', '\n'])).toEqual(['', 'ab\n', 'c\n', 'd\ne\n', '', 'f\n']);
  });

  test('of a character that was cut come out as that character', () => {
    const bytes = Buffer.from('ä\n');
    expect(joined([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(['', 'ä\n']);
  });

  test('of a line beyond a million bytes come out as lines of at most as many, cut between two characters', () => {
    const text = `x${'€'.repeat(900_000)}`;
    const out = joined([text, '\n']).join('').split('\n').slice(0, -1);
    expect(out.join('')).toBe(text);
    expect(out.map((line) => Buffer.byteLength(line))).toEqual([1_000_000, 999_999, 700_002]);
  });

  test('of a line of just a million bytes come out as that line', () => {
    expect(joined(['x'.repeat(1_000_000), '\n']).map(({ length }) => length)).toEqual([0, 1_000_001]);
  });
});
