import { describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { resolveInput } from '../../../src/language/flow/references.ts';
import { findTextProblem } from '../../../src/model/plain-text.ts';
import { readDocument } from '../../../src/programs/cli/files/read-document.ts';
import { bash } from '../../../src/services/plugins/builtin/bash.ts';
import { parsePluginYaml } from '../../../src/services/plugins/parse-plugin-yaml.ts';
import { check, faultOf, makePlugin, mistakesOf } from '../../support/language/flow/flows.ts';

/** What YAML 1.2 takes for numbers or booleans, and what a reader of YAML 1.1 would. */
const spellings = [
  ...['010', '0123456', '1.10', '1.0', '1e3', '1E3', '0x1F', '0xff', '0o17', '1234567e8', '+5', '-0', '.5'],
  ...['5.', '00', '1_000', '12:30:45', '2001-12-14', 'yes', 'no', 'on', 'off', 'y', 'True', 'TRUE', 'False', '0b11'],
  ...['10', '1.5', 'true', 'false', '-7', '1.23e-7'],
];
const withEnv = (value: string) => `pipeline:\n  s: {plugin: bash, input: {script: x, env: {A: ${value}}}}\n`;

describe('a scalar without quotes is the text that was written', () => {
  test.each(spellings)('where the plugin wants a text: %s', (text) => {
    expect(check(withEnv(text))[0]?.step.input).toEqual({ script: 'x', env: { A: text } });
  });

  test.each(spellings)('in a global that is put into a text: %s', (text) => {
    const [one] = check(`globals: {V: ${text}}\n${withEnv('"v{{global.V}}"')}`);
    const { globals } = parseGraph(`globals: {V: ${text}}\n${withEnv('x')}`).graph;
    const input = resolveInput(one?.step.input ?? {}, { nodes: {}, globals }, bash.inputSchema);
    expect(input).toEqual({ script: 'x', env: { A: `v${text}` } });
  });

  test.each(spellings)('in the globalProperties of a file of apply: %s', (text) => {
    const said = (kind: string, more: string) =>
      readDocument(
        'f.yaml',
        { text: `kind: ${kind}\nname: abc\n${more}\nglobalProperties: {V: ${text}}\n`, skipped: 0 },
        [],
      )?.said;
    const written = (value: unknown) => String((value as { globalProperties: { V: unknown } }).globalProperties.V);
    expect(written(said('TestFlow', 'graph: x'))).toBe(text);
    expect(written(said('Job', 'testFlow: x'))).toBe(text);
  });

  test('behind an alias and a merge key, in lists, and where a name is a number', () => {
    const text = 'x-a: &a {V: 1.10, W: 010}\nx-b: &b 0x1F\n';
    const steps = check(
      `${text}pipeline:\n  s: {plugin: bash, input: {script: *b, env: {<<: *a, 010: *b, 1.10: 1e3}}}\n`,
    );
    expect(steps[0]?.step.input).toEqual({
      script: '0x1F',
      env: { V: '1.10', W: '010', '010': '0x1F', '1.10': '1e3' },
    });
  });

  test('and a number where the schema takes one, or says nothing of it', () => {
    const inputSchema = {
      type: 'object',
      properties: { n: { type: 'integer' }, both: { type: ['string', 'number'] }, list: { items: { type: 'string' } } },
    };
    const graph = 'pipeline:\n  s: {plugin: probe, input: {n: 010, both: 1.10, any: 1.10, list: [1.10, 1e3]}}\n';
    const [one] = check(graph, { plugins: [makePlugin({ inputSchema })] });
    expect(one?.step.input).toEqual({ n: 10, both: 1.1, any: 1.1, list: ['1.10', '1e3'] });
  });

  test.each([
    ['010', 10],
    ['0x1F', 31],
    ['1e3', 1000],
  ])('and a number still where a global %s is referred to by a field that wants one', (text, number) => {
    const inputSchema = { type: 'object', properties: { n: { type: 'integer' } } };
    const { globals } = parseGraph(`globals: {V: ${text}}\n${withEnv('x')}`).graph;
    expect(resolveInput({ n: '{{global.V}}' }, { nodes: {}, globals }, inputSchema)).toEqual({ n: number });
  });
});

describe('what cannot be kept is refused with what to do', () => {
  const first = (text: string) => faultOf(() => check(text)).mistakes[0];

  test.each([
    ['{{a.url}}', '"{{a.url}}"'],
    ['{{ a.url }}', '"{{a.url}}"'],
    ['{x: {{global.n}}}', '"{{global.n}}"'],
    ['[{{global.n}}]', '"{{global.n}}"'],
  ])('braces without quotes: %s', (value, quoted) => {
    expect(first(`pipeline:\n  s: {plugin: bash, input: {script: ${value}}}\n`)).toMatchObject({
      message: 'a map is the key of a map, which JSON does not have',
      hint: `put it in quotes: ${quoted}`,
      where: { line: 2 },
    });
  });

  test('braces without quotes that something follows', () => {
    const text = 'pipeline:\n  s:\n    plugin: http-check\n    input:\n      url: {{a.url}}/hello\n';
    expect(first(text)).toMatchObject({ where: { line: 5 }, hint: 'a value that begins with {{ must be in quotes' });
  });

  test.each(['"tr \'\\0\' x"', '"\\x00"', '"\\u0000"'])('NUL, however it is written: %s', (script) => {
    const message = 'the text holds NUL, which no program can be given';
    expect(mistakesOf(() => check(`pipeline:\n  s: {plugin: bash, input: {script: ${script}}}\n`))[0]).toContain(
      message,
    );
    expect(mistakesOf(() => check(`globals: {a: ${script}}\n${withEnv('x')}`))[0]).toContain(message);
    const yaml = `name: x\nversion: v1.0.0\npluginType: Deployer\nservice: {image: x, ports: [{port: 80}], args: [${script}]}`;
    expect(faultOf(() => parsePluginYaml(yaml, 'plugin.yaml')).message).toContain(message);
  });

  test('a commit that a double cannot hold', () => {
    expect(mistakesOf(() => check(withEnv('6063e25')))[0]).toContain(
      'too large to be kept exactly as a number: put it in',
    );
  });

  test('a half of a surrogate pair, but not a pair', () => {
    expect(mistakesOf(() => check(withEnv('"\\ud800"')))[0]).toContain('a half of a surrogate pair');
    expect(check(withEnv('"\\ud83d\\ude00"'))[0]?.step.input).toEqual({ script: 'x', env: { A: '😀' } });
  });

  test.each(['""', '"a=b"', '"="'])('the name %s of an environment variable', (name) => {
    const steps = [
      `{plugin: bash, input: {script: x, env: {${name}: "{{global.logLevel}}"}}}`,
      `{plugin: deploy-service, input: {image: x, ports: [{port: 80}], env: {${name}: x}}}`,
    ];
    for (const step of steps) {
      expect(first(`pipeline:\n  s: ${step}\n`)).toMatchObject({
        message: expect.stringMatching(/^input\.env: the key ".*" is not possible$/),
        hint: 'the name of a variable is not empty and has no =',
        where: { line: 2 },
      });
    }
    const yaml = `name: x\nversion: v1.0.0\npluginType: Deployer\nservice: {image: x, ports: [{port: 80}], env: {${name}: x}}`;
    expect(faultOf(() => parsePluginYaml(yaml, 'plugin.yaml')).code).toBe('plugin_invalid');
  });

  test('a merge key that names no map', () => {
    for (const value of ['5', '[{a: 1}, x]', '"x"']) {
      expect(mistakesOf(() => parseGraph(withEnv(`{<<: ${value}}`)))[0]).toContain('<< merges maps, and this is none');
    }
  });

  test('in JSON: NUL, a half of a surrogate pair, and __proto__, at any depth', () => {
    expect(findTextProblem({ a: ['x', { b: 'c\0' }] }, 100)).toMatchObject({ path: 'a[1].b' });
    expect(findTextProblem({ 'k\ud800': 1 }, 100)).toMatchObject({ message: expect.stringContaining('surrogate') });
    expect(findTextProblem(JSON.parse('{"globalProperties":{"__proto__":"x"}}'), 100)).toMatchObject({
      path: 'globalProperties',
      message: 'the key "__proto__" cannot be used',
    });
    const deep = JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`);
    expect(findTextProblem(deep, 20_000)).toBeUndefined();
    expect(findTextProblem(deep, 9000)).toMatchObject({ message: 'there are more than 9000 values in it' });
    expect(findTextProblem({ a: '😀', b: 1, c: null }, 100)).toBeUndefined();
  });
});

describe('merge keys count everywhere in a flow', () => {
  test('in the pipeline, where a merged step stands in the place of its <<', () => {
    const text = `name: y
x-common: &common
  a: { plugin: bash, input: { script: "true" } }
  c: { plugin: bash, input: { script: "merged" } }
pipeline:
  z: { plugin: bash, input: { script: "true" } }
  <<: *common
  b: { plugin: bash, input: { script: "true" } }
  c: { plugin: bash, input: { script: "own" } }
`;
    const { steps } = parseGraph(text).graph;
    expect(steps.map(({ instance, input }) => [instance, input.script])).toEqual([
      ['z', 'true'],
      ['a', 'true'],
      ['c', 'own'],
      ['b', 'true'],
    ]);
  });

  test('at the top, in globals, and from several maps of which the first counts most', () => {
    const text = `x-a: &a {V: one, W: a}\nx-b: &b {V: two, X: b}\nglobals: {<<: [*a, *b], Y: own}\n${withEnv('x')}`;
    expect(parseGraph(text).graph.globals).toEqual({ V: 'one', W: 'a', X: 'b', Y: 'own' });
    expect(parseGraph(`x-top: &top {name: merged}\n<<: *top\n${withEnv('x')}`).graph.name).toBe('merged');
  });

  test('and a mistake in what was merged has the place where it is written', () => {
    const text = 'x-a: &a\n  s: {plugin: bsah}\npipeline:\n  <<: *a\n';
    expect(mistakesOf(() => check(text))).toEqual(['2:15 unknown plugin "bsah"']);
  });
});
