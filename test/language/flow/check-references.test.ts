import { describe, expect, test } from '@jest/globals';
import { check, faultOf, makePlugin, mistakesOf } from '../../support/language/flow/flows.ts';

const user = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } } };
const source = makePlugin({
  name: 'source',
  outputSchema: {
    type: 'object',
    $defs: { user },
    properties: {
      url: { type: 'string' },
      count: { type: 'integer' },
      ready: { type: 'boolean' },
      users: { type: 'array', items: { $ref: '#/$defs/user' } },
      pair: { type: 'array', prefixItems: [user, { type: 'string' }] },
      either: { anyOf: [user, { type: 'object', properties: { other: {} } }] },
      open: { type: 'object', properties: { known: {} }, additionalProperties: true },
      free: {},
    },
  },
});
const anything = makePlugin({ name: 'anything' });
const target = makePlugin({
  name: 'target',
  inputSchema: {
    type: 'object',
    properties: {
      any: {},
      text: { type: 'string' },
      count: { type: 'integer' },
      ratio: { type: 'number' },
      flag: { type: 'boolean' },
      list: { type: 'array', items: { type: 'integer' } },
      deep: { type: 'object', properties: { flag: { type: 'boolean' } } },
    },
  },
});
const plugins = [source, anything, target];

/** A step `it` with this input after a `source` and an `anything`, and before a `later`. */
const withInput = (input: string) => `globals: {logLevel: DEBUG, size: 3, fast: true}
pipeline:
  source: {plugin: source}
  anything: {plugin: anything}
  it: {plugin: target, input: ${input}}
  later: {plugin: source}
`;
const checked = (input: string) => check(withInput(input), { plugins });

describe('a reference is accepted when it names', () => {
  test.each([
    ['an output', '{{source.url}}'],
    ['all of an output', '{{source}}'],
    ['an item by its number', '{{source.users.0.name}}'],
    ['an item of a tuple', '{{source.pair.0.age}}'],
    ['what one of several schemas has', '{{source.either.other}} {{source.either.name}}'],
    ['something in an object that may have more', '{{source.open.more}}'],
    ['something in what the schema does not describe', '{{source.free.a.b.0}}'],
    ['anything of a plugin that does not describe its output', '{{anything.a.0.b}}'],
    ['a global of the flow', '{{global.size}}'],
    ['nothing, as its braces are escaped', '\\\\{{nothing.at.all}}'],
  ])('%s', (_, text) => {
    expect(checked(`{any: "${text}"}`)).toHaveLength(4);
  });

  test('a global that the site or the request brings, or that always exists', () => {
    const graph = 'pipeline:\n  it: {plugin: target, input: {any: "{{global.logLevel}} {{global.site}}"}}\n';
    expect(check(graph, { plugins, globals: { site: 'x' } })).toHaveLength(1);
    expect(mistakesOf(() => check(graph, { plugins }))).toEqual(['2:58 {{global.site}}: no global is named "site"']);
  });
});

describe("the outputs that every deploy plugin of the original's returns", () => {
  const names = [
    'codeVersion',
    'instanceName',
    'deployName',
    'statefulSetName',
    'configMapName',
    'svcName',
    'svcEndpoint',
  ];
  const outputSchema = { type: 'object', properties: { adminToken: { type: 'string' } } };
  const program = makePlugin({ name: 'auth', pluginType: 'Deployer', outputSchema });
  const refersTo = (path: string) =>
    `pipeline:\n  auth: {plugin: auth}\n  it: {plugin: target, input: {text: "{{auth.${path}}}"}}\n`;

  test.each(names)('%s may be referred to although the schema of its program does not name it', (name) => {
    expect(check(refersTo(name), { plugins: [program, target] })).toHaveLength(2);
  });

  test('are texts, of deploy programs alone, and no other name is known', () => {
    const wrong = (path: string, plugins = [program, target]) => mistakesOf(() => check(refersTo(path), { plugins }));
    expect(wrong('svcEndpont')).toEqual([expect.stringContaining('auth has no "svcEndpont"')]);
    expect(faultOf(() => check(refersTo('svcEndpont'), { plugins: [program, target] })).mistakes[0]?.hint).toBe(
      'did you mean "svcEndpoint"?',
    );
    expect(wrong('svcEndpoint.host')).toEqual([expect.stringContaining('auth has no "svcEndpoint"')]);
    const exec = makePlugin({ name: 'auth', outputSchema });
    expect(wrong('svcEndpoint', [exec, target])).toEqual([expect.stringContaining('auth has no "svcEndpoint"')]);
  });
});

describe('a reference is refused when the flow is saved, because', () => {
  test.each<[string, string, string, string | undefined]>([
    ['there is no such step', '{{sorce.url}}', 'no step is named "sorce"', 'did you mean "source"?'],
    ['its step runs later', '{{later.url}}', '"later" runs later than this step', 'move "later" before it'],
    ['it is in that step itself', '{{it.url}}', 'the step refers to itself', 'refer to a step before it'],
    [
      'the plugin has no such output',
      '{{source.ulr}}',
      'source has no "ulr" (an output of plugin source)',
      'did you mean "url"?',
    ],
    [
      'the path goes beyond a text',
      '{{source.url.host}}',
      'source.url has no "host" (an output of plugin source)',
      'there are no outputs of source.url',
    ],
    [
      'an item of a list is asked by a name',
      '{{source.users.first}}',
      'source.users has no "first" (an output of plugin source)',
      'there are no outputs of source.users',
    ],
    [
      'an item does not have that',
      '{{source.users.0.email}}',
      'source.users.0 has no "email" (an output of plugin source)',
      'outputs of source.users.0: name, age',
    ],
    [
      'no one of several schemas has that',
      '{{source.either.something}}',
      'source.either has no "something" (an output of plugin source)',
      'outputs of source.either: name, age, other',
    ],
    [
      'it names what every JavaScript object has',
      '{{source.constructor}}',
      'source has no "constructor" (an output of plugin source)',
      'outputs of source: url, count, ready, users, pair, either, open, free',
    ],
    ['no global has the name', '{{global.sizes}}', 'no global is named "sizes"', 'did you mean "size"?'],
    ['a global needs a name', '{{global}}', 'no global is named ""', 'globals: logLevel, size, fast'],
    [
      'JavaScript alone knows such a global',
      '{{global.valueOf}}',
      'no global is named "valueOf"',
      'globals: logLevel, size, fast',
    ],
  ])('%s: %s', (_, text, problem, hint) => {
    const fault = faultOf(() => checked(`{any: "say ${text}"}`));
    expect(fault.mistakes).toEqual([
      { message: `${text}: ${problem}`, hint, where: { line: 5, column: 42, path: 'pipeline.it.input.any' } },
    ]);
  });

  test('it is written in a way that no reference is', () => {
    const fault = faultOf(() => checked('{any: "{{ source url }}"}'));
    expect(fault.mistakes[0]).toMatchObject({ message: '{{ source url }} is not a reference', where: { column: 38 } });
    expect(fault.mistakes[0]?.hint).toContain('write {{instance.path}}, {{global.name}} or {{secret.name}}');
  });
});

describe('a reference that is all of a value must be able to become the wanted type', () => {
  test.each([
    '{text: "{{source.count}}", count: "{{source.url}}", ratio: "{{source.count}}", list: ["{{source.count}}"]}',
    '{count: "{{source.free}}", flag: "{{anything.x}}", any: "{{source.users}}"}',
    '{count: "1{{source.ready}}"}',
    '{count: " -{{source.count}}.0e{{source.count}} ", text: "{{source.count}}/tcp"}',
    '{text: "{{source.users}}", flag: "{{global.fast}}", count: "{{global.size}}"}',
  ])('as in %s', (input) => {
    expect(checked(input)).toHaveLength(4);
  });

  test.each([
    ['{count: "{{source.ready}}"}', '{{source.ready}}: is of type boolean, but integer is wanted', 'count'],
    ['{flag: "{{source.users.0}}"}', '{{source.users.0}}: is of type object, but boolean is wanted', 'flag'],
    ['{list: ["{{source.ready}}"]}', '{{source.ready}}: is of type boolean, but integer is wanted', 'list[0]'],
    ['{deep: {flag: "{{source.count}}"}}', '{{source.count}}: is of type integer, but boolean is wanted', 'deep.flag'],
    ['{flag: "{{global.size}}"}', '{{global.size}}: is of type integer, but boolean is wanted', 'flag'],
    ['{count: "{{source.count}}/tcp"}', '{{source.count}}: is in a text with "/tcp", but integer is wanted', 'count'],
  ])('not as in %s', (input, message, path) => {
    const { mistakes } = faultOf(() => checked(input));
    expect(mistakes).toEqual([
      { message, where: { line: 5, column: expect.any(Number), path: `pipeline.it.input.${path}` } },
    ]);
  });
});

test('a step whose plugin is unknown does not make mistakes of the references to it', () => {
  const graph = 'pipeline:\n  a: {plugin: nothing}\n  b: {plugin: target, input: {any: "{{a.whatever}}"}}\n';
  expect(mistakesOf(() => check(graph, { plugins }))).toEqual(['2:15 unknown plugin "nothing"']);
});
