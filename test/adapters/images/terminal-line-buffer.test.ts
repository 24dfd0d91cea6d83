import { describe, expect, test } from '@jest/globals';
import { TerminalLineBuffer } from '../../../src/adapters/images/terminal-line-buffer.ts';
import { takesBaseImage } from '../../../src/model/base-image.ts';

function linesOf(...pieces: string[]): string[] {
  const lines = new TerminalLineBuffer();
  return [...pieces.flatMap((piece) => lines.push(piece)), ...lines.end()];
}

describe('TerminalLineBuffer', () => {
  test.each<[string, string[], string[]]>([
    ['cut anywhere', ['one\ntw', 'o\nthree'], ['one', 'two', 'three']],
    ['with empty lines', ['a\n\nb\n'], ['a', '', 'b']],
    ['with colours, cut in the middle of one', ['\u001b[3', '1mred\u001b[0m\n', '\u001b[0m'], ['red']],
    ['ended as on Windows, cut between the two', ['a\r', '\nb\r\n'], ['a', 'b']],
    ['overwritten in place', ['10%\r', '50%\r', '100%', '\n'], ['100%']],
    ['overwritten in one piece', ['10%\r100%\r\n'], ['100%']],
    ['overwritten and never ended', ['10%\r', '20%'], ['20%']],
    ['none', [''], []],
  ])('joins pieces of output to lines: %s', (_, pieces, lines) => {
    expect(linesOf(...pieces)).toEqual(lines);
  });

  test('cuts a line without an end at the limit', () => {
    const lines = new TerminalLineBuffer();
    const got = Array.from({ length: 100 }, () => lines.push('x'.repeat(10_000))).flat();
    expect(got.length).toBeGreaterThan(10);
    expect([...got, ...lines.end()].join('')).toHaveLength(1_000_000);
  });
});

describe('takesBaseImage', () => {
  test.each([
    'ARG BASE_IMAGE\nFROM $BASE_IMAGE',
    'FROM scratch\narg BASE_IMAGE=x',
    '  ARG A=1 BASE_IMAGE=x B',
    'ARG BASE_IMAGE\r\n',
  ])('the Dockerfile %j takes BASE_IMAGE', (text) => expect(takesBaseImage(text)).toBe(true));
  test.each([
    'FROM $BASE_IMAGE',
    '# ARG BASE_IMAGE',
    'ARG BASE_IMAGE_TAG',
    'ARG MY_BASE_IMAGE',
    'RUN echo ARG BASE_IMAGE',
  ])('the Dockerfile %j does not take BASE_IMAGE', (text) => expect(takesBaseImage(text)).toBe(false));
});
