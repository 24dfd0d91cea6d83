import { describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { saveFlowSchema } from '../../../src/model/flow.ts';
import { check, faultOf, issuesOf } from '../../support/language/flow/flows.ts';

const step = (script: string) => `pipeline:\n  a: {plugin: bash, input: {script: ${script}}}\n`;

describe('a text that is not a test flow', () => {
  test.each(['', '\n', 'null', '~', '# only a comment\n', '- a\n', 'hello', '42', '[]'])(
    'is rejected with an explanation: %j',
    (text) => {
      expect(issuesOf(() => parseGraph(text))[0]).toMatch(
        /^\d:\d a test flow is a map with the keys name, globals and/,
      );
    },
  );

  test.each(['{}', 'name: x\n', 'pipeline:\n', 'pipeline: {}\n', 'pipeline:\n  - plugin: bash\n', 'pipeline: bash\n'])(
    'is rejected without steps: %j',
    (text) => {
      expect(issuesOf(() => parseGraph(text))).toEqual(['1:1 the flow has no pipeline of steps']);
    },
  );

  test('is rejected with two documents', () => {
    expect(issuesOf(() => parseGraph(`${step('x')}---\na: 1\n`))).toEqual(['3:1 only one YAML document is allowed']);
  });
});

describe('YAML that cannot be stored', () => {
  test.each([
    ['an alias without an anchor', '*nothing', '2:37 the alias *nothing has no anchor before it'],
    ['a recursive anchor', '&a [*a]', '2:41 the alias *a refers to a node that contains it'],
    ['an inexact number', '12345678901234567890', '2:37 12345678901234567890 is too large to be stored'],
    ['a number outside JSON', '.nan', '2:37 .nan cannot be represented in JSON'],
    ['an unknown tag', '!js/function "x"', '2:37 Unresolved tag: !js/function'],
    ['binary data', '!!binary aGVsbG8=', '2:46 !!binary cannot be represented in JSON'],
    ['a set', '!!set {a, b}', '2:43 !!set cannot be represented in JSON'],
    ['an ordered map', '!!omap [a: 1]', '2:44 !!omap cannot be represented in JSON'],
    ['a time', '!!timestamp 2001-12-14', '2:49 !!timestamp cannot be represented in JSON'],
    ['a key that JavaScript would drop', '{__proto__: {a: 1}}', '2:38 the key "__proto__" cannot be used'],
  ])('is rejected: %s', (_, script, issue) => {
    expect(issuesOf(() => parseGraph(step(script)))).toEqual([expect.stringContaining(issue)]);
  });

  test.each([
    'pipeline:\n  __proto__: {plugin: bash}\n',
    'pipeline:\n  a:\n    __proto__: {plugin: bash}\n',
    'pipeline:\n  a: {plugin: bash, input: {script: x, __proto__: {env: {}}}}\n',
    'globals: {__proto__: x}\npipeline:\n  a: {plugin: bash}\n',
    '__proto__: {pipeline: {}}\npipeline:\n  a: {plugin: bash}\n',
  ])('is rejected for the key __proto__ anywhere: %j', (text) => {
    expect(issuesOf(() => parseGraph(text))).toEqual([expect.stringContaining('the key "__proto__" cannot be used')]);
    expect(Object.hasOwn(Object.prototype, 'plugin')).toBe(false);
  });

  test('does not include a plain date, which stays a string', () => {
    expect(parseGraph(step('2001-12-14')).graph.steps[0]?.input).toEqual({ script: '2001-12-14' });
  });

  test('does not include a key such as constructor', () => {
    expect(issuesOf(() => check('pipeline:\n  a: {plugin: bash, input: {script: x, constructor: y}}\n'))).toEqual([
      '2:40 input: unknown key "constructor"',
    ]);
    expect(issuesOf(() => check('pipeline:\n  a: {plugin: constructor}\n'))).toEqual([
      '2:15 unknown plugin "constructor"',
    ]);
  });
});

describe('a flow beyond the safety limits', () => {
  // Without limits each of these takes minutes, or all memory.
  test('is rejected for aliases that expand to a billion values', () => {
    const levels = Array.from({ length: 10 }, (_, i) => {
      const inner = i === 0 ? 'lol' : `*a${i - 1}`;
      return `x-${i}: &a${i} [${Array.from({ length: 9 }, () => inner).join(', ')}]\n`;
    });
    expect(issuesOf(() => parseGraph(levels.join('') + step('*a9')))).toEqual([
      '6:10 this exceeds the limit of 100000 values with its aliases expanded',
    ]);
  });

  test('is rejected for more than a hundred aliases', () => {
    const aliases = (count: number) =>
      `x-a: &a x\n${step(`[${Array.from({ length: count }, () => '*a').join(', ')}]`)}`;
    expect(issuesOf(() => parseGraph(aliases(101)))).toEqual([expect.stringContaining('more than 100 aliases')]);
    expect(parseGraph(aliases(100)).graph.steps).toHaveLength(1);
  });

  test('is rejected for thousands of nested brackets', () => {
    const deep = '['.repeat(5000) + ']'.repeat(5000);
    expect(issuesOf(() => parseGraph(step(deep)))[0]).toMatch(/nested too deeply|nested more than 50 levels/);
  });

  test('is rejected for an input deeper than MongoDB stores', () => {
    const nested = (levels: number) => step('['.repeat(levels) + ']'.repeat(levels));
    expect(issuesOf(() => parseGraph(nested(60)))).toEqual([
      expect.stringContaining('nested more than 50 levels deep'),
    ]);
    expect(parseGraph(nested(40)).graph.steps).toHaveLength(1);
  });

  test('is rejected for more than two thousand steps', () => {
    const steps = (count: number) =>
      `pipeline:\n${Array.from({ length: count }, (_, i) => `  s${i}: {plugin: bash}\n`).join('')}`;
    expect(issuesOf(() => parseGraph(steps(2001)))).toEqual([
      '1:1 the pipeline has 2001 steps, which exceeds the limit of 2000',
    ]);
    expect(parseGraph(steps(2000)).graph.steps).toHaveLength(2000);
  });

  test('reports the first hundred of nine thousand malformed references', () => {
    const fault = faultOf(() => check(step(`"${'{{'.repeat(9000)}"`)));
    expect(fault.issues).toHaveLength(100);
    expect(fault.message).toContain('(and 8999 more)');
  });

  test('is not a valid request with more than a million characters', () => {
    const size = (length: number) => saveFlowSchema.safeParse({ name: 'big', graph: 'x'.repeat(length) }).success;
    expect(size(1_000_000)).toBe(true);
    expect(size(1_000_001)).toBe(false);
  });
});
