import { describe, expect, test } from '@jest/globals';
import { check, faultOf, issuesOf, makePlugin } from '../../support/language/flow/flows.ts';

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

/** Returns a flow with a step `it` with this input after `source` and `anything`, and before `later`. */
const withInput = (input: string) => `globals: {logLevel: DEBUG, size: 3, fast: true}
pipeline:
  source: {plugin: source}
  anything: {plugin: anything}
  it: {plugin: target, input: ${input}}
  later: {plugin: source}
`;
const checked = (input: string) => check(withInput(input), { plugins });

describe('a valid reference', () => {
  test.each([
    ['an output', '{{source.url}}'],
    ['a whole output', '{{source}}'],
    ['an item by its index', '{{source.users.0.name}}'],
    ['an item of a tuple', '{{source.pair.0.age}}'],
    ['a member of one of several schemas', '{{source.either.other}} {{source.either.name}}'],
    ['an additional member of an open object', '{{source.open.more}}'],
    ['a member of an undescribed output', '{{source.free.a.b.0}}'],
    ['any output of a plugin without an output schema', '{{anything.a.0.b}}'],
    ['a global of the flow', '{{global.size}}'],
    ['nothing, because its braces are escaped', '\\\\{{nothing.at.all}}'],
  ])('may name %s', (_, text) => {
    expect(checked(`{any: "${text}"}`)).toHaveLength(4);
  });

  test('may name a global of the site or the request, or a built-in one', () => {
    const graph = 'pipeline:\n  it: {plugin: target, input: {any: "{{global.logLevel}} {{global.site}}"}}\n';
    expect(check(graph, { plugins, globals: { site: 'x' } })).toHaveLength(1);
    expect(issuesOf(() => check(graph, { plugins }))).toEqual(['2:58 {{global.site}}: no global is named "site"']);
  });
});

describe("the common outputs of the original's deploy plugins", () => {
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

  test.each(names)('include %s even if the output schema does not declare it', (name) => {
    expect(check(refersTo(name), { plugins: [program, target] })).toHaveLength(2);
  });

  test('are strings, exist only for deploy programs, and include no other names', () => {
    const wrong = (path: string, plugins = [program, target]) => issuesOf(() => check(refersTo(path), { plugins }));
    expect(wrong('svcEndpont')).toEqual([expect.stringContaining('auth has no "svcEndpont"')]);
    expect(faultOf(() => check(refersTo('svcEndpont'), { plugins: [program, target] })).issues[0]?.hint).toBe(
      'did you mean "svcEndpoint"?',
    );
    expect(wrong('svcEndpoint.host')).toEqual([expect.stringContaining('auth has no "svcEndpoint"')]);
    const exec = makePlugin({ name: 'auth', outputSchema });
    expect(wrong('svcEndpoint', [exec, target])).toEqual([expect.stringContaining('auth has no "svcEndpoint"')]);
  });
});

describe('an invalid reference', () => {
  test.each<[string, string, string, string | undefined]>([
    ['an unknown step', '{{sorce.url}}', 'no step is named "sorce"', 'did you mean "source"?'],
    ['a later step', '{{later.url}}', '"later" runs later than this step', 'move "later" before it'],
    ['the step itself', '{{it.url}}', 'the step refers to itself', 'refer to a step before it'],
    ['an unknown output', '{{source.ulr}}', 'source has no "ulr" (an output of plugin source)', 'did you mean "url"?'],
    [
      'a path beyond a string',
      '{{source.url.host}}',
      'source.url has no "host" (an output of plugin source)',
      'there are no outputs of source.url',
    ],
    [
      'a name as a list index',
      '{{source.users.first}}',
      'source.users has no "first" (an output of plugin source)',
      'there are no outputs of source.users',
    ],
    [
      'an unknown member of an item',
      '{{source.users.0.email}}',
      'source.users.0 has no "email" (an output of plugin source)',
      'outputs of source.users.0: name, age',
    ],
    [
      'an unknown member of several schemas',
      '{{source.either.something}}',
      'source.either has no "something" (an output of plugin source)',
      'outputs of source.either: name, age, other',
    ],
    [
      'a property of every JavaScript object',
      '{{source.constructor}}',
      'source has no "constructor" (an output of plugin source)',
      'outputs of source: url, count, ready, users, pair, either, open, free',
    ],
    ['an unknown global', '{{global.sizes}}', 'no global is named "sizes"', 'did you mean "size"?'],
    ['a global without a name', '{{global}}', 'no global is named ""', 'globals: logLevel, size, fast'],
    [
      'a global that exists only in JavaScript',
      '{{global.valueOf}}',
      'no global is named "valueOf"',
      'globals: logLevel, size, fast',
    ],
  ])('is rejected for %s: %s', (_, text, problem, hint) => {
    const fault = faultOf(() => checked(`{any: "say ${text}"}`));
    expect(fault.issues).toEqual([
      { message: `${text}: ${problem}`, hint, where: { line: 5, column: 42, path: 'pipeline.it.input.any' } },
    ]);
  });

  test('is rejected for malformed syntax', () => {
    const fault = faultOf(() => checked('{any: "{{ source url }}"}'));
    expect(fault.issues[0]).toMatchObject({ message: '{{ source url }} is not a reference', where: { column: 38 } });
    expect(fault.issues[0]?.hint).toContain('write {{instance.path}}, {{global.name}} or {{secret.name}}');
  });
});

describe('the type of a reference that is a whole value', () => {
  test.each([
    '{text: "{{source.count}}", count: "{{source.url}}", ratio: "{{source.count}}", list: ["{{source.count}}"]}',
    '{count: "{{source.free}}", flag: "{{anything.x}}", any: "{{source.users}}"}',
    '{count: "1{{source.ready}}"}',
    '{count: " -{{source.count}}.0e{{source.count}} ", text: "{{source.count}}/tcp"}',
    '{text: "{{source.users}}", flag: "{{global.fast}}", count: "{{global.size}}"}',
  ])('is convertible in %s', (input) => {
    expect(checked(input)).toHaveLength(4);
  });

  test.each([
    ['{count: "{{source.ready}}"}', '{{source.ready}}: is of type boolean, but integer is expected', 'count'],
    ['{flag: "{{source.users.0}}"}', '{{source.users.0}}: is of type object, but boolean is expected', 'flag'],
    ['{list: ["{{source.ready}}"]}', '{{source.ready}}: is of type boolean, but integer is expected', 'list[0]'],
    [
      '{deep: {flag: "{{source.count}}"}}',
      '{{source.count}}: is of type integer, but boolean is expected',
      'deep.flag',
    ],
    ['{flag: "{{global.size}}"}', '{{global.size}}: is of type integer, but boolean is expected', 'flag'],
    [
      '{count: "{{source.count}}/tcp"}',
      '{{source.count}}: is part of a text with "/tcp", but integer is expected',
      'count',
    ],
  ])('is rejected in %s', (input, message, path) => {
    const { issues } = faultOf(() => checked(input));
    expect(issues).toEqual([
      { message, where: { line: 5, column: expect.any(Number), path: `pipeline.it.input.${path}` } },
    ]);
  });
});

test('a step with an unknown plugin causes no issues of references to it', () => {
  const graph = 'pipeline:\n  a: {plugin: nothing}\n  b: {plugin: target, input: {any: "{{a.whatever}}"}}\n';
  expect(issuesOf(() => check(graph, { plugins }))).toEqual(['2:15 unknown plugin "nothing"']);
});
