import { expect, test } from '@jest/globals';
import { hasMoreValues } from '../../../src/programs/api/has-more-values.ts';

const strings = ['', ',[{', '\\"', '"', '\\', '\\\\"', 'a"b,c', '\u2028,', '{"a":[1,2]}'];

test.each([
  [
    '300 texts with separators in them',
    JSON.stringify(Array.from({ length: 300 }, (_, at) => strings[at % strings.length])),
    301,
  ],
  [
    'keys with separators in them',
    JSON.stringify(Object.fromEntries(strings.map((key) => [key, key]))),
    strings.length + 1,
  ],
  ['lists in lists', JSON.stringify([[1, [2]], [], {}]), 7],
  ['one text', JSON.stringify(',,,[[['), 1],
])('hasMoreValues does not overcount a JSON text with %s', (_, text, values) => {
  expect(hasMoreValues(text, values)).toBe(false);
});

test.each([
  ['a million brackets that are not closed', '['.repeat(1_000_000)],
  ['a list of 1,001 numbers', JSON.stringify(Array(1001).fill(0))],
  [
    'an object of 1,001 texts',
    JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (__, at) => [`"${at}`, ',']))),
  ],
])('hasMoreValues finds more than 1,000 values in a JSON text with %s', (_, text) => {
  expect(hasMoreValues(text, 1000)).toBe(true);
});
