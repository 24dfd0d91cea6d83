import { describe, expect, test } from '@jest/globals';
import { checkInput } from '../../../src/language/flow/check-input.ts';
import { inputPath } from '../../../src/language/flow/reference-syntax.ts';
import { check, faultOf, issuesOf, makePlugin } from '../../support/language/flow/flows.ts';

const schema = {
  type: 'object',
  properties: {
    url: { type: 'string', minLength: 3, description: 'where to look' },
    retries: { type: 'integer', minimum: 0, maximum: 5 },
    mode: { enum: ['fast', 'slow'] },
    kind: { const: 'check' },
    ports: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', properties: { port: { type: 'integer' } }, required: ['port'] },
    },
    from: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^now$' }] },
  },
  required: ['url'],
  additionalProperties: false,
};
const issues = (input: Record<string, unknown>, by: Record<string, unknown> = schema) =>
  checkInput(input, by).map(({ at, message, hint }) => [inputPath(at), message, ...(hint ? [hint] : [])]);

describe('names for the engine in a saved flow', () => {
  const flowOf = (image: string, volume = 'data') => `name: scheme
pipeline:
  s:
    plugin: deploy-service
    input: { image: ${JSON.stringify(image)}, ports: [{ name: http, port: 80 }], volumes: [{ name: ${JSON.stringify(volume)}, mountPath: /data }] }
`;

  test.each([
    'http://127.0.0.1:5000/x',
    '../containers',
    'https://ghcr.io/acme/web:1',
    '/nginx',
    'Nginx:Latest',
    'nginx:',
    'a b',
    'x?y=1',
    'x#y',
  ])('the invalid image %j is rejected', (image) => {
    const fault = faultOf(() => check(flowOf(image)));
    expect(fault.issues).toMatchObject([
      {
        message: expect.stringContaining(`input.image: ${JSON.stringify(image)} is not the name of an image: [host`),
        where: { line: 5 },
      },
    ]);
  });

  test.each(['../networks', '/data', 'x?y=1'])('the invalid volume %j is rejected', (volume) => {
    const fault = faultOf(() => check(flowOf('nginx', volume)));
    expect(fault.issues).toMatchObject([{ message: expect.stringMatching(/volumes.*is not the name of a volume/) }]);
  });

  test('valid images and images with references are accepted', () => {
    for (const image of ['nginx', '127.0.0.1:5000/x:1', '{{global.registry}}/x:1']) {
      expect(() => check(flowOf(image, ''), { globals: { registry: 'r' } })).not.toThrow();
    }
  });
});

describe('checkInput on a valid input', () => {
  test.each<[string, Record<string, unknown>]>([
    [
      'a matching input',
      { url: 'http://x', retries: 3, mode: 'fast', kind: 'check', ports: [{ port: 80 }], from: 'now' },
    ],
    ['an input with convertible texts', { url: 12345, retries: '3', ports: '[{"port": "80"}]', from: 7 }],
    [
      'references that may become valid',
      { url: '{{a.b}}', retries: '{{a.b}}', mode: '{{a.b}}', kind: '{{a.b}}', ports: '{{a.b}}', from: '{{a.b}}' },
    ],
    ['references inside texts', { url: '{{a}}', retries: '1{{a.b}}', from: 'n{{a.b}}' }],
  ])('accepts %s', (_, input) => {
    expect(issues(input)).toEqual([]);
  });

  test('does not require members that the runner adds', () => {
    const wants = { type: 'object', required: ['codeVersion', 'instanceName', 'x'] };
    expect(issues({}, wants)).toEqual([['input', 'input: "x" is missing']]);
  });

  test('applies the defaults of the schema', () => {
    const wants = { type: 'object', properties: { x: { type: 'integer', default: 1 } }, required: ['x'] };
    expect(issues({}, wants)).toEqual([]);
    expect(checkInput(Object.freeze({}), wants)).toEqual([]);
  });
});

describe('checkInput on an invalid input', () => {
  const url = 'http://x';
  test.each<[Record<string, unknown>, string[]]>([
    [{}, ['input', 'input: "url" is missing', 'where to look']],
    [{ url, retires: 1 }, ['input.retires', 'input: unknown key "retires"', 'did you mean "retries"?']],
    [
      { url, zzzzzzzz: 1 },
      ['input.zzzzzzzz', 'input: unknown key "zzzzzzzz"', 'keys of input: url, retries, mode, kind, ports, from'],
    ],
    [{ url: null }, ['input.url', 'input.url: must be string, not null']],
    [{ url: 'x' }, ['input.url', 'input.url: must NOT have fewer than 3 characters']],
    [{ url, retries: 'many' }, ['input.retries', 'input.retries: must be integer, not string']],
    [{ url, retries: '6' }, ['input.retries', 'input.retries: must be <= 5']],
    [{ url, retries: 1.5 }, ['input.retries', 'input.retries: must be integer, not number']],
    [{ url, mode: 'fsat' }, ['input.mode', 'input.mode: must be one of ["fast","slow"]']],
    [{ url, kind: 'x' }, ['input.kind', 'input.kind: must be "check"']],
    [{ url, ports: [] }, ['input.ports', 'input.ports: must NOT have fewer than 1 items']],
    [{ url, ports: [{ port: 1 }, {}] }, ['input.ports[1]', 'input.ports[1]: "port" is missing']],
    [{ url, ports: [{ port: 'http' }] }, ['input.ports[0].port', 'input.ports[0].port: must be integer, not string']],
    [
      { url, from: 'then' },
      [
        'input.from',
        'input.from: must match a schema in anyOf',
        'input.from must be integer, or input.from must match pattern "^now$"',
      ],
    ],
  ])('reports the location in %j', (input, issue) => {
    expect(issues(input)).toEqual([issue]);
  });

  test('reports all issues at once', () => {
    expect(
      issues({ retries: 'many', mode: 'x' })
        .map(([at]) => at)
        .sort(),
    ).toEqual(['input', 'input.mode', 'input.retries']);
  });

  test('reports issues next to unresolved references', () => {
    expect(issues({ url: '{{a.b}}', ports: [{ port: '{{a.b}}' }, { port: 'x' }] })).toEqual([
      ['input.ports[1].port', 'input.ports[1].port: must be integer, not string'],
    ]);
  });

  test('reports keys with slashes, tildes and dots', () => {
    const odd = { properties: { 'a/b~c.d': { type: 'integer' } } };
    expect(issues({ 'a/b~c.d': 'x' }, odd)).toEqual([
      ['input["a/b~c.d"]', 'input["a/b~c.d"]: must be integer, not string'],
    ]);
  });
});

describe('input issues in a flow', () => {
  const plugins = [makePlugin({ inputSchema: schema })];

  test('point at the value, the unknown key, or the key of the incomplete map', () => {
    const graph = `pipeline:
  it:
    plugin: probe
    input:
      retries: many
      ports:
        - port: 80
        - port: http
      retires: 1
`;
    expect(issuesOf(() => check(graph, { plugins }))).toEqual([
      '4:5 input: "url" is missing',
      '5:16 input.retries: must be integer, not string',
      '8:17 input.ports[1].port: must be integer, not string',
      '9:7 input: unknown key "retires"',
    ]);
  });

  test('report an invalid schema of the plugin', () => {
    const broken = [makePlugin({ inputSchema: { type: 'objekt' } })];
    const fault = faultOf(() => check('pipeline:\n  it: {plugin: probe}\n', { plugins: broken }));
    expect(fault.message).toMatch(/^line 2, column 16: the input schema of plugin probe v1.0.0 cannot be used: /);
    expect(fault.hint).toBe('fix the plugin');
  });

  test('follow draft 07 for a schema of draft 07', () => {
    const draft07 = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      properties: { x: { items: [{ type: 'integer' }] } },
    };
    expect(issues({ x: [true] }, draft07)).toEqual([['input.x[0]', 'input.x[0]: must be integer, not boolean']]);
  });

  test('report a pluginType that differs from the plugin', () => {
    const graph = 'pipeline:\n  it: {plugin: probe, pluginType: Deployer, input: {url: http}}\n';
    expect(issuesOf(() => check(graph, { plugins }))).toEqual(['2:35 plugin "probe" is of type Exec, not Deployer']);
  });
});
