import { describe, expect, test } from '@jest/globals';
import { compileSchema } from '../../../src/language/flow/compile-schema.ts';
import { findSchemaExcess } from '../../../src/language/flow/schema-limits.ts';
import { checkSchema } from '../../../src/runner/json-schema.ts';

const branches = (levels: number) => ({
  $ref: '#/$defs/d0',
  $defs: Object.fromEntries(
    Array.from({ length: levels }, (_, i) => {
      const next = i === levels - 1 ? { type: 'string' } : { $ref: `#/$defs/d${i + 1}` };
      return [`d${i}`, { anyOf: [next, next] }];
    }),
  ),
});

describe('the limits of a schema', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['14 levels of anyOf', branches(14), 'its branches multiply'],
    ['anyOf that refers to itself', { anyOf: [{ $ref: '#' }] }, 'it refers to itself for the same value'],
    [
      '20,000 properties',
      { properties: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`p${i}`, { type: 'string' }])) },
      'it has more than 2000 objects',
    ],
    ['a text of a million characters', { description: 'x'.repeat(1_000_000) }, 'characters'],
    ['20,000 levels', JSON.parse(`${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}`), 'nested more than 50 levels'],
    [
      'an enum of 30,000 values',
      { enum: Array.from({ length: 30_000 }, (_, i) => i) },
      'it has more than 20000 values',
    ],
  ])('reject before compilation: %s', (_, schema, reason) => {
    expect(findSchemaExcess(schema)).toContain(reason);
    expect(() => compileSchema(schema)).toThrow(reason);
  });

  test('accept common forms: a tree, definitions, some branches', () => {
    const tree = { properties: { left: { $ref: '#' }, right: { $ref: '#' } } };
    for (const schema of [tree, branches(5), { allOf: [{ $ref: '#/$defs/a' }], $defs: { a: { type: 'object' } } }]) {
      expect(findSchemaExcess(schema)).toBeUndefined();
    }
  });
});

describe('a pattern of a schema', () => {
  // Without RE2 each of these takes exponential time.
  const text = `${'a'.repeat(5000)}!`;
  test.each([
    { properties: { s: { type: 'string', pattern: '^(a+)+$' } } },
    { patternProperties: { '^(a+)+$': false }, properties: { s: {} }, maxProperties: 5 },
    { properties: { s: { allOf: [{ pattern: '^(a|a)*$' }] } } },
  ])('takes linear time: %j', async (schema) => {
    const value = { s: text, [text]: 1 };
    expect(Array.isArray(compileSchema(schema)(value))).toBe(true);
    await checkSchema(value, schema);
  });

  test('supports the escapes of JavaScript', () => {
    const errors = (pattern: string, value: string) => compileSchema({ pattern })(value).length;
    for (const [pattern, good, bad] of [
      ['^\\/x\\-\\d{2}$', '/x-12', '/x-1'],
      ['^\\u00e9+$', 'éé', 'e'],
      ['^\\p{Lu}', 'Éa', 'éa'],
      ['(?<year>\\d{4})', '2026', '26'],
    ] as const) {
      expect([errors(pattern, good), errors(pattern, bad)]).toEqual([0, 1]);
    }
  });

  test.each(['(?=a)b', '(a)\\1', '(?<!x)y', '(a{1000}){1000}'])(
    'is rejected for syntax that RE2 does not support: %s',
    (pattern) => {
      expect(() => compileSchema({ pattern })).toThrow(/valid RE2 regular expression|match format "regex"/);
    },
  );

  test('does not change the formats', () => {
    const errors = (format: string, value: string) => compileSchema({ format })(value).length;
    expect([errors('email', 'a@b.org'), errors('email', 'a b')]).toEqual([0, 1]);
    expect([errors('uri', 'http://a/b'), errors('uri', 'a b')]).toEqual([0, 1]);
    expect([errors('hostname', 'a.b'), errors('hostname', '-a')]).toEqual([0, 1]);
    expect([errors('date-time', '2026-11-30T08:00:00Z'), errors('date-time', 'x')]).toEqual([0, 1]);
    expect([errors('duration', 'P1D'), errors('duration', '1 day')]).toEqual([0, 1]);
  });
});
