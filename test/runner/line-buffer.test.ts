import { describe, expect, test } from '@jest/globals';
import { LineBuffer } from '../../src/runner/line-buffer.ts';

function joined(pieces: readonly (Uint8Array | string)[]): string[] {
  const lines = new LineBuffer();
  return pieces.map((piece) => lines.push(piece).toString('utf8'));
}

describe('LineBuffer', () => {
  test('returns lines when they are complete', () => {
    expect(joined(['a', 'b\nc', '\n', 'd\ne\nf', '', '\n'])).toEqual(['', 'ab\n', 'c\n', 'd\ne\n', '', 'f\n']);
  });

  test('joins the pieces of a cut character', () => {
    const bytes = Buffer.from('ä\n');
    expect(joined([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(['', 'ä\n']);
  });

  test('cuts a line of more than a million bytes between two characters', () => {
    const text = `x${'€'.repeat(900_000)}`;
    const out = joined([text, '\n']).join('').split('\n').slice(0, -1);
    expect(out.join('')).toBe(text);
    expect(out.map((line) => Buffer.byteLength(line))).toEqual([1_000_000, 999_999, 700_002]);
  });

  test('keeps a line of exactly a million bytes', () => {
    expect(joined(['x'.repeat(1_000_000), '\n']).map(({ length }) => length)).toEqual([0, 1_000_001]);
  });
});
