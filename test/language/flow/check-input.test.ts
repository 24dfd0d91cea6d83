import { describe, expect, test } from '@jest/globals';
import { checkInput } from '../../../src/language/flow/check-input.ts';
import { inputPath } from '../../../src/language/flow/reference-syntax.ts';
import { check, faultOf, makePlugin, mistakesOf } from '../../support/language/flow/flows.ts';

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
const mistakes = (input: Record<string, unknown>, by: Record<string, unknown> = schema) =>
  checkInput(input, by).map(({ at, message, hint }) => [inputPath(at), message, ...(hint ? [hint] : [])]);

describe('a flow whose names would end in a path of the engine is refused when it is saved', () => {
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
  ])('image %j', (image) => {
    const fault = faultOf(() => check(flowOf(image)));
    expect(fault.mistakes).toMatchObject([
      {
        message: expect.stringContaining(`input.image: ${JSON.stringify(image)} is not the name of an image: [host`),
        where: { line: 5 },
      },
    ]);
  });

  test.each(['../networks', '/data', 'x?y=1'])('volume %j', (volume) => {
    const fault = faultOf(() => check(flowOf('nginx', volume)));
    expect(fault.mistakes).toMatchObject([{ message: expect.stringMatching(/volumes.*is not the name of a volume/) }]);
  });

  test('and taken where they are names, or not yet known', () => {
    for (const image of ['nginx', '127.0.0.1:5000/x:1', '{{global.registry}}/x:1']) {
      expect(() => check(flowOf(image, ''), { globals: { registry: 'r' } })).not.toThrow();
    }
  });
});

describe("an input holds against its plugin's schema", () => {
  test.each<[string, Record<string, unknown>]>([
    ['as it is', { url: 'http://x', retries: 3, mode: 'fast', kind: 'check', ports: [{ port: 80 }], from: 'now' }],
    ['once its texts are what the schema wants', { url: 12345, retries: '3', ports: '[{"port": "80"}]', from: 7 }],
    [
      'where references may still become right',
      { url: '{{a.b}}', retries: '{{a.b}}', mode: '{{a.b}}', kind: '{{a.b}}', ports: '{{a.b}}', from: '{{a.b}}' },
    ],
    ['where references are inside of texts', { url: '{{a}}', retries: '1{{a.b}}', from: 'n{{a.b}}' }],
  ])('%s', (_, input) => {
    expect(mistakes(input)).toEqual([]);
  });

  test('without what the runner itself puts in', () => {
    const wants = { type: 'object', required: ['codeVersion', 'instanceName', 'x'] };
    expect(mistakes({}, wants)).toEqual([['input', 'input: "x" is missing']]);
  });

  test('with the defaults that the runner fills in', () => {
    const wants = { type: 'object', properties: { x: { type: 'integer', default: 1 } }, required: ['x'] };
    expect(mistakes({}, wants)).toEqual([]);
    expect(checkInput(Object.freeze({}), wants)).toEqual([]);
  });
});

describe('an input that breaks the schema is told with its place', () => {
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
  ])('%j', (input, mistake) => {
    expect(mistakes(input)).toEqual([mistake]);
  });

  test('all of them at once', () => {
    expect(
      mistakes({ retries: 'many', mode: 'x' })
        .map(([at]) => at)
        .sort(),
    ).toEqual(['input', 'input.mode', 'input.retries']);
  });

  test('also beside values that are not known yet', () => {
    expect(mistakes({ url: '{{a.b}}', ports: [{ port: '{{a.b}}' }, { port: 'x' }] })).toEqual([
      ['input.ports[1].port', 'input.ports[1].port: must be integer, not string'],
    ]);
  });

  test('where keys have slashes, tildes and dots in them', () => {
    const odd = { properties: { 'a/b~c.d': { type: 'integer' } } };
    expect(mistakes({ 'a/b~c.d': 'x' }, odd)).toEqual([
      ['input["a/b~c.d"]', 'input["a/b~c.d"]: must be integer, not string'],
    ]);
  });
});

describe('in a flow', () => {
  const plugins = [makePlugin({ inputSchema: schema })];

  test('each mistake points at the value, the wrong key, or the key of what lacks something', () => {
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
    expect(mistakesOf(() => check(graph, { plugins }))).toEqual([
      '4:5 input: "url" is missing',
      '5:16 input.retries: must be integer, not string',
      '8:17 input.ports[1].port: must be integer, not string',
      '9:7 input: unknown key "retires"',
    ]);
  });

  test('a schema of the plugin that is wrong itself is told as such', () => {
    const broken = [makePlugin({ inputSchema: { type: 'objekt' } })];
    const fault = faultOf(() => check('pipeline:\n  it: {plugin: probe}\n', { plugins: broken }));
    expect(fault.message).toMatch(/^line 2, column 16: the input schema of plugin probe v1.0.0 cannot be used: /);
    expect(fault.hint).toBe('mend the plugin');
  });

  test('a schema in the words of draft 07 is read as draft 07', () => {
    const draft07 = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      properties: { x: { items: [{ type: 'integer' }] } },
    };
    expect(mistakes({ x: [true] }, draft07)).toEqual([['input.x[0]', 'input.x[0]: must be integer, not boolean']]);
  });

  test('a pluginType that is not that of the plugin is a mistake', () => {
    const graph = 'pipeline:\n  it: {plugin: probe, pluginType: Deployer, input: {url: http}}\n';
    expect(mistakesOf(() => check(graph, { plugins }))).toEqual(['2:35 plugin "probe" is of type Exec, not Deployer']);
  });
});
