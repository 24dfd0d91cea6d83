import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ignoreMatcher } from '../../../src/adapters/images/ignore-matcher.ts';
import { readIgnoreFile } from '../../../src/adapters/images/ignore-pattern.ts';

interface Row {
  patterns: string;
  refused?: true;
  ignored: string[];
}

const [first = '', ...rows] = readFileSync(new URL('dockerignore/matches.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const { paths }: { paths: string[] } = JSON.parse(first);

function match(patterns: string): Row {
  try {
    return { patterns, ignored: paths.filter(ignoreMatcher(readIgnoreFile(patterns))) };
  } catch {
    return { patterns, refused: true, ignored: [] };
  }
}

test('patterns ignore the same paths and are invalid in the same cases as in moby/patternmatcher', () => {
  const expected: Row[] = rows.map((row) => JSON.parse(row));
  expect(expected.length).toBeGreaterThan(300);
  expect(expected.map(({ patterns }) => match(patterns))).toEqual(expected);
});

test('** before plain text matches it as a suffix at any position in a name', () => {
  const ignores = ignoreMatcher(readIgnoreFile('**.pem\n**.env\n'));
  expect(['certs/key.pem', 'a/b/prod.env', 'key.pem', 'keep'].filter((path) => !ignores(path))).toEqual(['keep']);
});

test('patterns that take exponential time in backtracking matchers take linear time', () => {
  const ignores = ignoreMatcher(readIgnoreFile(`${'**/a*'.repeat(30)}b\n${'[a-z]*'.repeat(50)}!`));
  expect(ignores(`${'a/'.repeat(200)}c`)).toBe(false);
  expect(ignores('a'.repeat(5000))).toBe(false);
});
