import { describe, expect, test } from '@jest/globals';
import { resolveInput } from '../../../src/language/flow/references.ts';
import { faultOf } from '../../support/language/flow/flows.ts';

const output = {
  svcEndpoint: 'http://greeter:8080',
  port: 8080,
  ratio: 0.5,
  ready: true,
  none: null,
  empty: '',
  users: [{ name: 'ann' }, { name: 'bob' }],
  tricky: '{{global.secret}}',
  '0': 'zero',
};
const context = {
  nodes: { greeter: { input: { hidden: 1 }, output }, silent: {} },
  globals: { logLevel: 'DEBUG', count: 3, fast: false, 'a.b': 'dotted', secret: 's' },
};
const resolve = (value: unknown, schema = {}) => resolveInput({ value }, context, schema).value;

describe('a reference that is a whole value', () => {
  test.each<[string, unknown]>([
    ['{{greeter.port}}', 8080],
    ['{{ greeter.ready }}', true],
    ['{{greeter.none}}', null],
    ['{{greeter.empty}}', ''],
    ['{{greeter.users}}', output.users],
    ['{{greeter.users.1.name}}', 'bob'],
    ['{{greeter.0}}', 'zero'],
    ['{{greeter}}', output],
    ['{{global.count}}', 3],
    ['{{global.fast}}', false],
    ['{{global.a.b}}', 'dotted'],
  ])('keeps the type of its target: %s', (text, value) => {
    expect(resolve(text)).toEqual(value);
  });

  test.each<[string, string, unknown]>([
    ['{{greeter.port}}', 'string', '8080'],
    ['{{greeter.ready}}', 'string', 'true'],
    ['{{greeter.users}}', 'string', '[{"name":"ann"},{"name":"bob"}]'],
    ['{{greeter.port}}', 'integer', 8080],
    ['{{greeter.port}}', 'number', 8080],
    ['1{{greeter.port}}', 'integer', 18080],
  ])("is converted to the plugin's schema: %s as %s", (text, type, value) => {
    expect(resolve(text, { properties: { value: { type } } })).toEqual(value);
  });
});

describe('a reference inside a text', () => {
  test.each([
    ['{{greeter.svcEndpoint}}/hello', 'http://greeter:8080/hello'],
    ['{{greeter.users.0.name}}:{{greeter.port}}', 'ann:8080'],
    ['{{greeter.ready}}{{greeter.none}}{{greeter.empty}}{{greeter.ratio}}', 'truenull0.5'],
    ['got {{greeter.users}}', 'got [{"name":"ann"},{"name":"bob"}]'],
    ['level={{global.logLevel}}', 'level=DEBUG'],
    ['\\{{greeter.port}} is {{greeter.port}}', '{{greeter.port}} is 8080'],
    ['\\{{.Go}}', '{{.Go}}'],
  ])('is replaced by text: %s', (text, value) => {
    expect(resolve(text)).toBe(value);
  });
});

test('an inserted value is not searched for references again', () => {
  expect(resolve('{{greeter.tricky}}')).toBe('{{global.secret}}');
  expect(resolve('<{{greeter.tricky}}>')).toBe('<{{global.secret}}>');
});

test('references are replaced at any depth without changing the input', () => {
  const input = { list: [{ deep: '{{greeter.port}}' }], number: 1 };
  expect(resolveInput(input, context, {})).toEqual({ list: [{ deep: 8080 }], number: 1 });
  expect(input.list).toEqual([{ deep: '{{greeter.port}}' }]);
});

describe('an unresolvable reference', () => {
  test.each([
    ['{{greeter.prot}}', 'greeter has no "prot"', /^greeter is an object with: .*svcEndpoint, port/],
    ['{{greeter.users.2}}', 'greeter.users has no "2"', /^greeter.users is an array of 2$/],
    ['{{greeter.users.name}}', 'greeter.users has no "name"', /^greeter.users is an array of 2$/],
    ['{{greeter.users.length}}', 'greeter.users has no "length"', /array of 2/],
    ['{{greeter.users.00}}', 'greeter.users has no "00"', /array of 2/],
    ['{{greeter.users.-1}}', 'greeter.users has no "-1"', /array of 2/],
    ['{{greeter.port.x}}', 'greeter.port has no "x"', /^greeter.port is of type integer$/],
    ['{{greeter.empty.length}}', 'greeter.empty has no "length"', /^greeter.empty is of type string$/],
    ['{{greeter.none.x}}', 'greeter.none has no "x"', /^greeter.none is of type null$/],
    ['{{greeter.hidden}}', 'greeter has no "hidden"', /an object/],
    ['{{greeter.constructor}}', 'greeter has no "constructor"', /an object/],
    ['{{greeter.__proto__}}', 'greeter has no "__proto__"', /an object/],
    ['{{silent}}', 'silent has no output', /^silent returned nothing$/],
    ['{{silent.x}}', 'silent has no "x"', /^silent is without an output$/],
    ['{{later.x}}', 'no step "later" has succeeded', /^the steps that have: greeter, silent$/],
    ['{{constructor.name}}', 'no step "constructor" has succeeded', /the steps that have/],
    ['{{global.nothing}}', 'no global is named "nothing"', /^the globals are: logLevel, count, fast, a.b, secret$/],
    ['{{global.toString}}', 'no global is named "toString"', /the globals are/],
    ['{{global}}', 'no global is named ""', /the globals are/],
  ])('is rejected with a hint: %s', (text, problem, hint) => {
    const fault = faultOf(() => resolveInput({ deep: [{ value: text }] }, context, {}));
    expect(fault).toMatchObject({ code: 'input_invalid', message: `${text}: ${problem}` });
    expect(fault.where).toEqual({ path: 'input.deep[0].value' });
    expect(fault.hint).toMatch(hint);
  });

  test('is rejected with a hint when it is malformed', () => {
    const fault = faultOf(() => resolve('{{a b}}'));
    expect(fault).toMatchObject({
      code: 'input_invalid',
      message: '{{a b}} is not a reference',
      where: { path: 'input.value' },
    });
    expect(fault.hint).toContain('\\{{');
  });
});

test('a value that cannot be converted to the schema is rejected with its path', () => {
  const schema = { properties: { list: { items: { type: 'integer' } } } };
  const fault = faultOf(() => resolveInput({ list: ['1', '{{greeter.svcEndpoint}}'] }, context, schema));
  expect(fault).toMatchObject({
    code: 'input_invalid',
    message: 'a value of type string cannot be converted to integer',
    where: { path: 'input.list[1]' },
  });
});
