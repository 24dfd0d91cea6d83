import { describe, expect, test } from '@jest/globals';
import { commonTypes, schemaAtPath } from '../../../src/language/flow/output-schema.ts';
import { allows, alternatives, type JsonSchema, typeOf } from '../../../src/language/flow/schema.ts';
import { check, makePlugin } from '../../support/language/flow/flows.ts';

const spread = (schema: JsonSchema) => alternatives(schema, schema);

describe('the alternatives of a JSON Schema', () => {
  test.each<[string, JsonSchema, JsonSchema[]]>([
    ['the schema itself', { type: 'string' }, [{ type: 'string' }]],
    [
      'each of anyOf and oneOf',
      { anyOf: [{ type: 'string' }], oneOf: [{ minLength: 1 }, { minLength: 2 }] },
      [
        { type: 'string', minLength: 1 },
        { type: 'string', minLength: 2 },
      ],
    ],
    [
      'all of allOf',
      { type: 'object', allOf: [{ properties: { a: {} } }, { properties: { b: {} } }] },
      [{ type: 'object', properties: { a: {}, b: {} } }],
    ],
  ])('are %s', (_, schema, plain) => {
    expect(spread(schema)).toEqual(plain);
  });

  test('include a local reference with escapes in its pointer', () => {
    const $defs = { 'a/b~c d': { type: 'integer' } };
    expect(spread({ $defs, $ref: '#/$defs/a~1b~0c%20d' })).toEqual([{ $defs, type: 'integer' }]);
  });

  test.each(['#/$defs/nothing', 'http://elsewhere/schema', '#/constructor/name', '#/__proto__'])(
    'ignore the unresolvable reference %s',
    ($ref) => {
      expect(spread({ $ref, minLength: 1 })).toEqual([{ minLength: 1 }]);
    },
  );
});

describe('expanding a JSON Schema beyond the limits', () => {
  // Without a limit each of these takes hours, or all memory.
  const often = (name: string) => Array.from({ length: 5 }, () => ({ $ref: `#/$defs/${name}` }));

  test('ends for a recursive schema', () => {
    expect(Array.isArray(spread({ $ref: '#' }))).toBe(true);
    expect(Array.isArray(spread({ $defs: { a: { anyOf: often('a') } }, $ref: '#/$defs/a' }))).toBe(true);
  });

  test('ends for multiplying branches', () => {
    const pairs = Array.from({ length: 30 }, () => ({ anyOf: [{ type: 'string' }, { type: 'number' }] }));
    expect(Array.isArray(spread({ allOf: pairs }))).toBe(true);
    const chain = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i}`, { anyOf: often(`d${i + 1}`) }]));
    expect(Array.isArray(spread({ $defs: chain, $ref: '#/$defs/d0' }))).toBe(true);
  });

  test('does not limit the depth of references into a recursive output', () => {
    const tree = {
      type: 'object',
      properties: { left: { $ref: '#' }, right: { $ref: '#' }, value: { type: 'integer' } },
    };
    const plugins = [makePlugin({ inputSchema: tree, outputSchema: tree })];
    const path = 'left.right.'.repeat(50);
    const graph = `pipeline:\n  a: {plugin: probe}\n  b: {plugin: probe, input: {left: {value: "{{a.${path}value}}"}}}\n`;
    expect(check(graph, { plugins })).toHaveLength(2);
  });
});

describe('the types of an output', () => {
  const at = (schema: JsonSchema, ...path: string[]) => {
    const found = schemaAtPath(schema, path);
    return 'schemas' in found ? commonTypes(found.schemas) : found;
  };

  test('are those of all possible schemas', () => {
    const schema = { properties: { x: { anyOf: [{ type: 'string' }, { type: ['integer', 'null'] }] } } };
    expect(at(schema, 'x')).toEqual(new Set(['string', 'integer', 'null']));
  });

  test('are unknown when one schema does not specify them', () => {
    expect(at({ properties: { x: { anyOf: [{ type: 'string' }, {}] } } }, 'x')).toBeUndefined();
    expect(at({}, 'x', 'y')).toBeUndefined();
    expect(at({ patternProperties: { '^x': {} }, properties: {} }, 'x')).toBeUndefined();
  });

  test('end at a missing key, with the known keys', () => {
    expect(at({ properties: { a: { properties: { b: {} } } } }, 'a', 'c')).toEqual({
      missing: 'c',
      after: ['a'],
      known: ['b'],
    });
  });
});

test('typeOf returns the JSON Schema type, and integers are also numbers', () => {
  const values = [null, undefined, [], {}, 'x', 1, 1.5, true];
  expect(values.map(typeOf)).toEqual(['null', 'null', 'array', 'object', 'string', 'integer', 'number', 'boolean']);
  expect(allows(['number'], 'integer')).toBe(true);
  expect(allows(['integer'], 'number')).toBe(false);
});
