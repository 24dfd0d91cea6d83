import { describe, expect, test } from '@jest/globals';
import { convert, type TypeMismatch } from '../../../src/language/flow/convert.ts';
import type { JsonSchema } from '../../../src/language/flow/schema.ts';

function converted(value: unknown, schema: JsonSchema) {
  const misfits: TypeMismatch[] = [];
  return { value: convert(value, schema, misfits), misfits };
}

describe('convert', () => {
  test.each<[unknown, unknown, unknown]>([
    ['5', 'integer', 5],
    [' 5 ', 'integer', 5],
    ['5.0', 'integer', 5],
    ['5.5', 'number', 5.5],
    ['-1e3', 'number', -1000],
    ['true', 'boolean', true],
    ['null', ['null', 'integer'], null],
    ['{"a":[1]}', 'object', { a: [1] }],
    ['[1,"x"]', 'array', [1, 'x']],
    [5, 'string', '5'],
    [false, 'string', 'false'],
    [{ a: 1 }, 'string', '{"a":1}'],
    ['5', ['string', 'integer'], '5'],
    [5, 'number', 5],
    ['9007199254740991', 'integer', Number.MAX_SAFE_INTEGER],
  ])('converts %j to %j', (value, type, expected) => {
    expect(converted(value, { type })).toEqual({ value: expected, misfits: [] });
  });

  test('converts members, items, tuples, additional properties and $ref', () => {
    const schema = {
      $defs: { port: { type: 'integer' } },
      properties: {
        port: { $ref: '#/$defs/port' },
        list: { type: 'array', items: { type: 'boolean' } },
        pair: { prefixItems: [{ type: 'string' }, { type: 'integer' }] },
      },
      additionalProperties: { type: 'number' },
    };
    const value = { port: '80', list: '["true", "false"]', pair: [1, '2'], more: '1.5' };
    expect(converted(value, schema)).toEqual({
      value: { port: 80, list: [true, false], pair: ['1', 2], more: 1.5 },
      misfits: [],
    });
  });

  test('converts by the first of several schemas that fits the whole value', () => {
    const anyOf = [
      { type: 'object', properties: { a: { type: 'integer' } } },
      { type: 'object', properties: { a: { type: 'boolean' } } },
    ];
    expect(converted({ a: 'true' }, { anyOf }).value).toEqual({ a: true });
    expect(converted({ a: '1' }, { anyOf }).value).toEqual({ a: 1 });
  });

  test('converts nothing without a type in the schema', () => {
    expect(converted({ a: '5', b: null }, {})).toEqual({ value: { a: '5', b: null }, misfits: [] });
  });
});

test.each<[string, string, unknown]>([
  ['05', 'integer', 5],
  ['0x10', 'integer', 16],
  ['0o17', 'integer', 15],
  ['+1.50', 'number', 1.5],
  ['.5', 'number', 0.5],
  ['True', 'boolean', true],
])('converts the YAML spelling %j to %s', (text, type, value) => {
  expect(converted(text, { type })).toEqual({ value, misfits: [] });
});

describe('a lossy conversion', () => {
  test.each<[unknown, string]>([
    ['', 'integer'],
    ['five', 'integer'],
    ['5.5', 'integer'],
    ['0b11', 'integer'],
    ['1_000', 'integer'],
    ['yes', 'boolean'],
    ['1', 'boolean'],
    ['[1]', 'object'],
    ['"x"', 'integer'],
    ['12345678901234567890', 'integer'],
    ['1e400', 'number'],
    ['{"id":12345678901234567890}', 'object'],
    ['[[1e400]]', 'array'],
    [true, 'integer'],
    [1, 'boolean'],
    [null, 'string'],
    [5.5, 'integer'],
  ])('keeps and reports the value: %j as %s', (value, type) => {
    expect(converted(value, { type })).toEqual({ value, misfits: [{ path: [], value, wanted: [type] }] });
  });

  test('is reported with the path of each value', () => {
    const schema = { properties: { list: { items: { properties: { n: { type: 'integer' } } } } } };
    const { misfits } = converted({ list: [{ n: '1' }, { n: 'x' }, { n: 'y' }] }, schema);
    expect(misfits.map(({ path }) => path)).toEqual([
      ['list', 1, 'n'],
      ['list', 2, 'n'],
    ]);
  });
});
