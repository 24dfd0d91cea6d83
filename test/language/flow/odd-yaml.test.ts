import { describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { saveFlowSchema } from '../../../src/model/flow.ts';
import { check, faultOf, mistakesOf } from '../../support/language/flow/flows.ts';

const step = (script: string) => `pipeline:\n  a: {plugin: bash, input: {script: ${script}}}\n`;

describe('a text that is no test flow is refused with a sentence', () => {
  test.each(['', '\n', 'null', '~', '# only a comment\n', '- a\n', 'hello', '42', '[]'])('%j', (text) => {
    expect(mistakesOf(() => parseGraph(text))[0]).toMatch(
      /^\d:\d a test flow is a map with the keys name, globals and/,
    );
  });

  test.each(['{}', 'name: x\n', 'pipeline:\n', 'pipeline: {}\n', 'pipeline:\n  - plugin: bash\n', 'pipeline: bash\n'])(
    '%j, which has no steps',
    (text) => {
      expect(mistakesOf(() => parseGraph(text))).toEqual(['1:1 the flow has no pipeline of steps']);
    },
  );

  test('two documents in one', () => {
    expect(mistakesOf(() => parseGraph(`${step('x')}---\na: 1\n`))).toEqual(['3:1 only one YAML document is allowed']);
  });
});

describe('what YAML allows and a run could not keep is refused', () => {
  test.each([
    ['an alias without its anchor', '*nothing', '2:37 the alias *nothing names no anchor before it'],
    ['an anchor that holds itself', '&a [*a]', '2:41 the alias *a is inside of what it names'],
    [
      'a number that would become another one',
      '12345678901234567890',
      '2:37 12345678901234567890 is too large to be kept',
    ],
    ['a number that JSON does not have', '.nan', '2:37 .nan has no place in JSON'],
    ['a tag that nobody knows', '!js/function "x"', '2:37 Unresolved tag: !js/function'],
    ['bytes', '!!binary aGVsbG8=', '2:46 !!binary has no place in JSON'],
    ['a set', '!!set {a, b}', '2:43 !!set has no place in JSON'],
    ['an ordered map', '!!omap [a: 1]', '2:44 !!omap has no place in JSON'],
    ['a time', '!!timestamp 2001-12-14', '2:49 !!timestamp has no place in JSON'],
    ['a key that JavaScript would lose', '{__proto__: {a: 1}}', '2:38 the key "__proto__" cannot be used'],
  ])('%s', (_, script, mistake) => {
    expect(mistakesOf(() => parseGraph(step(script)))).toEqual([expect.stringContaining(mistake)]);
  });

  test.each([
    'pipeline:\n  __proto__: {plugin: bash}\n',
    'pipeline:\n  a:\n    __proto__: {plugin: bash}\n',
    'pipeline:\n  a: {plugin: bash, input: {script: x, __proto__: {env: {}}}}\n',
    'globals: {__proto__: x}\npipeline:\n  a: {plugin: bash}\n',
    '__proto__: {pipeline: {}}\npipeline:\n  a: {plugin: bash}\n',
  ])('the key __proto__ anywhere, not silently left out: %j', (text) => {
    expect(mistakesOf(() => parseGraph(text))).toEqual([expect.stringContaining('the key "__proto__" cannot be used')]);
    expect(Object.hasOwn(Object.prototype, 'plugin')).toBe(false);
  });

  test('a plain date stays the text that it is', () => {
    expect(parseGraph(step('2001-12-14')).graph.steps[0]?.input).toEqual({ script: '2001-12-14' });
  });

  test('a key like constructor is a key like any other', () => {
    expect(mistakesOf(() => check('pipeline:\n  a: {plugin: bash, input: {script: x, constructor: y}}\n'))).toEqual([
      '2:40 input: unknown key "constructor"',
    ]);
    expect(mistakesOf(() => check('pipeline:\n  a: {plugin: constructor}\n'))).toEqual([
      '2:15 unknown plugin "constructor"',
    ]);
  });
});

describe('a text that would fill the memory or take for ever is refused', () => {
  // Without its limit each of these takes minutes, or all memory.
  test('aliases of aliases that write out to a billion', () => {
    const levels = Array.from({ length: 10 }, (_, i) => {
      const inner = i === 0 ? 'lol' : `*a${i - 1}`;
      return `x-${i}: &a${i} [${Array.from({ length: 9 }, () => inner).join(', ')}]\n`;
    });
    expect(mistakesOf(() => parseGraph(levels.join('') + step('*a9')))).toEqual([
      '6:10 with its aliases written out this has over 100000 values',
    ]);
  });

  test('more than a hundred aliases', () => {
    const aliases = (count: number) =>
      `x-a: &a x\n${step(`[${Array.from({ length: count }, () => '*a').join(', ')}]`)}`;
    expect(mistakesOf(() => parseGraph(aliases(101)))).toEqual([expect.stringContaining('more than 100 aliases')]);
    expect(parseGraph(aliases(100)).graph.steps).toHaveLength(1);
  });

  test('thousands of brackets in one another', () => {
    const deep = '['.repeat(5000) + ']'.repeat(5000);
    expect(mistakesOf(() => parseGraph(step(deep)))[0]).toMatch(/nested too deeply|nested more than 50 levels/);
  });

  test('an input deeper than the records can be', () => {
    const nested = (levels: number) => step('['.repeat(levels) + ']'.repeat(levels));
    expect(mistakesOf(() => parseGraph(nested(60)))).toEqual([
      expect.stringContaining('nested more than 50 levels deep'),
    ]);
    expect(parseGraph(nested(40)).graph.steps).toHaveLength(1);
  });

  test('more than two thousand steps', () => {
    const steps = (count: number) =>
      `pipeline:\n${Array.from({ length: count }, (_, i) => `  s${i}: {plugin: bash}\n`).join('')}`;
    expect(mistakesOf(() => parseGraph(steps(2001)))).toEqual([
      '1:1 the pipeline has 2001 steps, more than the 2000 that are possible',
    ]);
    expect(parseGraph(steps(2000)).graph.steps).toHaveLength(2000);
  });

  test('nine thousand braces that are no references, of which the first hundred are told', () => {
    const fault = faultOf(() => check(step(`"${'{{'.repeat(9000)}"`)));
    expect(fault.mistakes).toHaveLength(100);
    expect(fault.message).toContain('(and 8999 more)');
  });

  test('a graph of more than a million characters is no request at all', () => {
    const size = (length: number) => saveFlowSchema.safeParse({ name: 'big', graph: 'x'.repeat(length) }).success;
    expect(size(1_000_000)).toBe(true);
    expect(size(1_000_001)).toBe(false);
  });
});
