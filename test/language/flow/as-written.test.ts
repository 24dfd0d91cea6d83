import { describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { resolveInput } from '../../../src/language/flow/references.ts';
import { findTextProblem } from '../../../src/model/plain-text.ts';
import { readDocument } from '../../../src/programs/cli/files/read-document.ts';
import { bash } from '../../../src/services/plugins/builtin/bash.ts';
import { parsePluginYaml } from '../../../src/services/plugins/parse-plugin-yaml.ts';
import { check, faultOf, issuesOf, makePlugin } from '../../support/language/flow/flows.ts';

/** Scalars that YAML 1.2 or YAML 1.1 parses as numbers or booleans. */
const spellings = [
  ...['010', '0123456', '1.10', '1.0', '1e3', '1E3', '0x1F', '0xff', '0o17', '1234567e8', '+5', '-0', '.5'],
  ...['5.', '00', '1_000', '12:30:45', '2001-12-14', 'yes', 'no', 'on', 'off', 'y', 'True', 'TRUE', 'False', '0b11'],
  ...['10', '1.5', 'true', 'false', '-7', '1.23e-7'],
];
const withEnv = (value: string) => `pipeline:\n  s: {plugin: bash, input: {script: x, env: {A: ${value}}}}\n`;

describe('an unquoted scalar', () => {
  test.each(spellings)('keeps %s for a plugin input of type string', (text) => {
    expect(check(withEnv(text))[0]?.step.input).toEqual({ script: 'x', env: { A: text } });
  });

  test.each(spellings)('keeps %s in a global inside a text', (text) => {
    const [one] = check(`globals: {V: ${text}}\n${withEnv('"v{{global.V}}"')}`);
    const { globals } = parseGraph(`globals: {V: ${text}}\n${withEnv('x')}`).graph;
    const input = resolveInput(one?.step.input ?? {}, { nodes: {}, globals }, bash.inputSchema);
    expect(input).toEqual({ script: 'x', env: { A: `v${text}` } });
  });

  test.each(spellings)('keeps %s in the globalProperties of a file for apply', (text) => {
    const said = (kind: string, more: string) =>
      readDocument(
        'f.yaml',
        { text: `kind: ${kind}\nname: abc\n${more}\nglobalProperties: {V: ${text}}\n`, skipped: 0 },
        [],
      )?.spec;
    const written = (value: unknown) => String((value as { globalProperties: { V: unknown } }).globalProperties.V);
    expect(written(said('TestFlow', 'graph: x'))).toBe(text);
    expect(written(said('Job', 'testFlow: x'))).toBe(text);
  });

  test('keeps its text behind an alias and a merge key, in lists, and as a numeric key', () => {
    const text = 'x-a: &a {V: 1.10, W: 010}\nx-b: &b 0x1F\n';
    const steps = check(
      `${text}pipeline:\n  s: {plugin: bash, input: {script: *b, env: {<<: *a, 010: *b, 1.10: 1e3}}}\n`,
    );
    expect(steps[0]?.step.input).toEqual({
      script: '0x1F',
      env: { V: '1.10', W: '010', '010': '0x1F', '1.10': '1e3' },
    });
  });

  test('becomes a number when the schema accepts numbers or does not specify the type', () => {
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
  ])('is converted from the global %s for a numeric input', (text, number) => {
    const inputSchema = { type: 'object', properties: { n: { type: 'integer' } } };
    const { globals } = parseGraph(`globals: {V: ${text}}\n${withEnv('x')}`).graph;
    expect(resolveInput({ n: '{{global.V}}' }, { nodes: {}, globals }, inputSchema)).toEqual({ n: number });
  });
});

describe('a flow with values that cannot be stored', () => {
  const first = (text: string) => faultOf(() => check(text)).issues[0];

  test.each([
    ['{{a.url}}', '"{{a.url}}"'],
    ['{{ a.url }}', '"{{a.url}}"'],
    ['{x: {{global.n}}}', '"{{global.n}}"'],
    ['[{{global.n}}]', '"{{global.n}}"'],
  ])('is rejected for unquoted braces with a hint: %s', (value, quoted) => {
    expect(first(`pipeline:\n  s: {plugin: bash, input: {script: ${value}}}\n`)).toMatchObject({
      message: 'a map is used as a key, which JSON does not allow',
      hint: `put it in quotes: ${quoted}`,
      where: { line: 2 },
    });
  });

  test('is rejected for unquoted braces followed by text', () => {
    const text = 'pipeline:\n  s:\n    plugin: http-check\n    input:\n      url: {{a.url}}/hello\n';
    expect(first(text)).toMatchObject({ where: { line: 5 }, hint: 'a value that begins with {{ must be in quotes' });
  });

  test.each(['"tr \'\\0\' x"', '"\\x00"', '"\\u0000"'])('is rejected for NUL in any spelling: %s', (script) => {
    const message = 'the text contains a NUL character, which cannot be passed to a program';
    expect(issuesOf(() => check(`pipeline:\n  s: {plugin: bash, input: {script: ${script}}}\n`))[0]).toContain(message);
    expect(issuesOf(() => check(`globals: {a: ${script}}\n${withEnv('x')}`))[0]).toContain(message);
    const yaml = `name: x\nversion: v1.0.0\npluginType: Deployer\nservice: {image: x, ports: [{port: 80}], args: [${script}]}`;
    expect(faultOf(() => parsePluginYaml(yaml, 'plugin.yaml')).message).toContain(message);
  });

  test('is rejected for a number that a double cannot represent', () => {
    expect(issuesOf(() => check(withEnv('6063e25')))[0]).toContain(
      'too large to be stored exactly as a number: put it in',
    );
  });

  test('is rejected for a lone surrogate, but not for a pair', () => {
    expect(issuesOf(() => check(withEnv('"\\ud800"')))[0]).toContain('a lone surrogate');
    expect(check(withEnv('"\\ud83d\\ude00"'))[0]?.step.input).toEqual({ script: 'x', env: { A: '😀' } });
  });

  test.each(['""', '"a=b"', '"="'])('is rejected for the invalid name %s of an environment variable', (name) => {
    const steps = [
      `{plugin: bash, input: {script: x, env: {${name}: "{{global.logLevel}}"}}}`,
      `{plugin: deploy-service, input: {image: x, ports: [{port: 80}], env: {${name}: x}}}`,
    ];
    for (const step of steps) {
      expect(first(`pipeline:\n  s: ${step}\n`)).toMatchObject({
        message: expect.stringMatching(/^input\.env: invalid key ".*"$/),
        hint: 'the name of a variable must not be empty or contain =',
        where: { line: 2 },
      });
    }
    const yaml = `name: x\nversion: v1.0.0\npluginType: Deployer\nservice: {image: x, ports: [{port: 80}], env: {${name}: x}}`;
    expect(faultOf(() => parsePluginYaml(yaml, 'plugin.yaml')).code).toBe('plugin_invalid');
  });

  test('is rejected for a merge key whose value is not a map', () => {
    for (const value of ['5', '[{a: 1}, x]', '"x"']) {
      expect(issuesOf(() => parseGraph(withEnv(`{<<: ${value}}`)))[0]).toContain(
        '<< merges maps, and this is not a map',
      );
    }
  });

  test('findTextProblem finds NUL, lone surrogates and __proto__ in JSON at any depth', () => {
    expect(findTextProblem({ a: ['x', { b: 'c\0' }] }, 100)).toMatchObject({ path: 'a[1].b' });
    expect(findTextProblem({ 'k\ud800': 1 }, 100)).toMatchObject({ message: expect.stringContaining('surrogate') });
    expect(findTextProblem(JSON.parse('{"globalProperties":{"__proto__":"x"}}'), 100)).toMatchObject({
      path: 'globalProperties',
      message: 'the key "__proto__" cannot be used',
    });
    const deep = JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`);
    expect(findTextProblem(deep, 20_000)).toBeUndefined();
    expect(findTextProblem(deep, 9000)).toMatchObject({ message: 'too many values (the limit is 9000)' });
    expect(findTextProblem({ a: '😀', b: 1, c: null }, 100)).toBeUndefined();
  });
});

describe('merge keys in a flow', () => {
  test('add steps to the pipeline in the place of <<', () => {
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

  test('apply at the top and in globals, and the first of several maps wins', () => {
    const text = `x-a: &a {V: one, W: a}\nx-b: &b {V: two, X: b}\nglobals: {<<: [*a, *b], Y: own}\n${withEnv('x')}`;
    expect(parseGraph(text).graph.globals).toEqual({ V: 'one', W: 'a', X: 'b', Y: 'own' });
    expect(parseGraph(`x-top: &top {name: merged}\n<<: *top\n${withEnv('x')}`).graph.name).toBe('merged');
  });

  test('locate an issue of a merged value where it is written', () => {
    const text = 'x-a: &a\n  s: {plugin: bsah}\npipeline:\n  <<: *a\n';
    expect(issuesOf(() => check(text))).toEqual(['2:15 unknown plugin "bsah"']);
  });
});
