import { describe, expect, test } from '@jest/globals';
import { findReferences, inputPath, mapTexts, splitText } from '../../../src/language/flow/reference-syntax.ts';

const to = (text: string, source: string, ...path: string[]) => ({ text, source, path });

describe('splitText', () => {
  test.each<[string, unknown[]]>([
    ['', [{ literal: '' }]],
    ['plain', [{ literal: 'plain' }]],
    ['{{a.b}}', [to('{{a.b}}', 'a', 'b')]],
    ['{{ a.b }}', [to('{{ a.b }}', 'a', 'b')]],
    ['{{a}}', [to('{{a}}', 'a')]],
    ['{{a.list.0.x-y}}', [to('{{a.list.0.x-y}}', 'a', 'list', '0', 'x-y')]],
    ['{{global.log.level}}', [to('{{global.log.level}}', 'global', 'log', 'level')]],
    ['{{a.b}}{{c.d}}', [to('{{a.b}}', 'a', 'b'), to('{{c.d}}', 'c', 'd')]],
    ['x {{a.b}} y', [{ literal: 'x ' }, to('{{a.b}}', 'a', 'b'), { literal: ' y' }]],
    ['\\{{a.b}}', [{ literal: '{{a.b}}' }]],
    ['\\{{a}} {{b.c}}', [{ literal: '{{a}} ' }, to('{{b.c}}', 'b', 'c')]],
    ['{"json": {"deep": {}}}', [{ literal: '{"json": {"deep": {}}}' }]],
    ['a }} b', [{ literal: 'a }} b' }]],
    ['$' + '{x}', [{ literal: '$' + '{x}' }]],
  ])('splits %j at its braces', (text, pieces) => {
    expect(splitText(text)).toEqual(pieces);
  });

  test.each([
    '{{}}',
    '{{ }}',
    '{{.a}}',
    '{{a.}}',
    '{{a..b}}',
    '{{a b}}',
    '{{-a.b}}',
    '{{a.b c}}',
    '{{a | upper}}',
    '{{a[0]}}',
  ])('returns %s as malformed', (text) => {
    expect(splitText(text)).toEqual([{ malformed: text }]);
  });

  test.each(['{{', '{{a.b', '{{a.b}', '{{{a.b}}}', '{{a.{{b}}'])(
    'returns the unclosed braces of %s as malformed',
    (text) => {
      expect(splitText(text)).toContainEqual({ malformed: '{{' });
    },
  );

  test.each([
    ['{{', 200_000],
    ['{{a', 200_000],
    ['\\{{', 200_000],
    ['{', 500_000],
  ])('splits %s repeated %d times in linear time', (piece, times) => {
    expect(splitText(piece.repeat(times)).length).toBeGreaterThan(0);
  });
});

describe('the references of an input', () => {
  test('are found at any depth, in the order of the text, with their paths', () => {
    const input = {
      url: '{{a.url}}',
      list: ['x', { deep: 'say {{global.word}} to {{b.name}}' }],
      number: 1,
      none: null,
    };
    expect(findReferences(input)).toEqual({
      malformed: [],
      references: [
        { ...to('{{a.url}}', 'a', 'url'), at: ['url'], whole: true },
        { ...to('{{global.word}}', 'global', 'word'), at: ['list', 1, 'deep'], whole: false },
        { ...to('{{b.name}}', 'b', 'name'), at: ['list', 1, 'deep'], whole: false },
      ],
    });
  });

  test('are not found in keys', () => {
    expect(findReferences({ '{{a.b}}': 1 }).references).toEqual([]);
  });

  test('are whole only without surrounding text, even a space', () => {
    const whole = (text: string) => findReferences(text).references.map((reference) => reference.whole);
    expect(whole('{{ a.b }}')).toEqual([true]);
    expect(whole(' {{a.b}}')).toEqual([false]);
    expect(whole('{{a.b}}{{a.b}}')).toEqual([false, false]);
  });
});

test('mapTexts changes only a copy', () => {
  const input = { a: ['x', 1, true, null], constructor: 'x' };
  expect(mapTexts(input, (text) => `${text}!`)).toEqual({ a: ['x!', 1, true, null], constructor: 'x!' });
  expect(input).toEqual({ a: ['x', 1, true, null], constructor: 'x' });
});

test('inputPath formats a path for messages', () => {
  expect(inputPath([])).toBe('input');
  expect(inputPath(['expect', 'headers', 0, 'content-type'])).toBe('input.expect.headers[0]["content-type"]');
});
