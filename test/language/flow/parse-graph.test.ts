import { describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { check, faultOf, mistakesOf } from '../../support/language/flow/flows.ts';

const flow = (...lines: string[]) => `pipeline:\n${lines.map((line) => `  ${line}\n`).join('')}`;

describe('a test flow', () => {
  test('is read as its name, its globals and its steps', () => {
    const text = `name: greeter-smoke
globals: {logLevel: INFO, users: 3, fast: true}
pipeline:
  greeter:
    plugin: deploy-service
    version: v1.0.0
    input: {image: nginx, ports: [{port: 80}]}
  check:
    plugin: http-check
    input: {url: "{{greeter.svcEndpoint}}/hello"}
    timeout: 1m30s
    retry: {attempts: 3, delay: 5s}
    always: true
    engineAccess: true
`;
    expect(parseGraph(text).graph).toEqual({
      name: 'greeter-smoke',
      globals: { logLevel: 'INFO', users: 3, fast: true },
      steps: [
        {
          instance: 'greeter',
          plugin: 'deploy-service',
          version: 'v1.0.0',
          input: { image: 'nginx', ports: [{ port: 80 }] },
        },
        {
          instance: 'check',
          plugin: 'http-check',
          input: { url: '{{greeter.svcEndpoint}}/hello' },
          timeoutMs: 90_000,
          retry: { attempts: 3, delayMs: 5000 },
          always: true,
          engineAccess: true,
        },
      ],
    });
    expect(check(text).map(({ plugin }) => plugin.name)).toEqual(['deploy-service', 'http-check']);
  });

  test('runs its steps in the order of the text, also where their names are numbers', () => {
    const { graph } = parseGraph(
      flow('10: {plugin: bash}', 'b: {plugin: bash}', '2: {plugin: bash}', 'a: {plugin: bash}'),
    );
    expect(graph.steps.map(({ instance }) => instance)).toEqual(['10', 'b', '2', 'a']);
  });

  test("is accepted in the original's form, with what its editor keeps and leaves empty", () => {
    const text = `name: original
raw-data: '{"cells": "{{ not ours }}"}'
pipeline:
  bash-1:
    name: bash
    version: ""
    instanceName: first_one
    pluginType: Exec
    input: {script: echo}
    output: {anything: 1}
  bash-2:
    name: bash
    instanceName: ""
    pluginType: ""
    input: {script: "{{first_one.x}}"}
`;
    expect(check(text).map(({ step }) => step)).toEqual([
      { instance: 'first_one', plugin: 'bash', input: { script: 'echo' } },
      { instance: 'bash-2', plugin: 'bash', input: { script: '{{first_one.x}}' } },
    ]);
  });

  test("in the original's form has the places of its own keys", () => {
    const text = 'pipeline:\n  bash-1:\n    name: bsah\n    instanceName: one\n';
    expect(faultOf(() => check(text)).where).toEqual({ line: 3, column: 11, path: 'pipeline["bash-1"].name' });
  });

  test('may call a step what JavaScript calls something else', () => {
    const text = flow(
      'constructor: {plugin: bash, input: {script: x}}',
      'toString: {plugin: bash, input: {script: "{{constructor.a}}"}}',
    );
    expect(check(text).map(({ step }) => step.instance)).toEqual(['constructor', 'toString']);
  });

  test('may keep what its steps share in an anchor under a key that begins with x-', () => {
    const text = `x-say: &say {plugin: bash, input: {script: echo}}\n${flow('a: *say', 'b: {<<: *say, timeout: 5s}')}`;
    expect(check(text).map(({ step }) => step)).toEqual([
      { instance: 'a', plugin: 'bash', input: { script: 'echo' } },
      { instance: 'b', plugin: 'bash', input: { script: 'echo' }, timeoutMs: 5000 },
    ]);
  });

  test('may have Windows line ends and a byte order mark', () => {
    const text = `\uFEFF${flow('a:', '  plugin: bsah')}`.replaceAll('\n', '\r\n');
    expect(mistakesOf(() => check(text))).toEqual(['3:13 unknown plugin "bsah"']);
  });
});

describe('a mistake in the keys of a test flow has its line and column', () => {
  test.each<[string, string[]]>([
    ['name: x\npipeline:\n  say: plugin: bash\n', ['3:8 Nested mappings are not allowed in compact mappings']],
    ['pipeline:\n\tsay: {}\n', ['2:1 Tabs are not allowed as indentation']],
    [flow('a: {plugin: bash}', 'a: {plugin: bash}'), ['3:3 the key "a" is there twice']],
    [flow('a:', '  plugin: bash', '  plugin: bash'), ['4:5 the key "plugin" is there twice']],
    ['nmae: x\npipeline:\n  a: {plugni: bash}\n', ['1:1 unknown key "nmae"', '3:7 unknown key "plugni"']],
    ['name: 5\npipeline:\n  a: {plugin: bash}\n', ['1:7 name: expected string, received number']],
    [
      'globals: {list: [1], none: }\npipeline:\n  a: {plugin: bash}\n',
      [
        '1:11 globals.list: expected a text, a number, true or false',
        '1:22 globals.none: expected a text, a number, true or false',
      ],
    ],
    [flow('a: bash'), ['2:6 pipeline.a: expected object, received string']],
    [flow('a:'), ['2:3 pipeline.a: expected object, received null']],
    [flow('a: {input: {}}'), ['2:3 step "a" names no plugin']],
    [flow('a: {plugin: bash, name: http-check}'), ['2:27 step "a" names two plugins, bash and http-check']],
    [flow('a: {plugin: bash, input: [x]}'), ['2:21 pipeline.a.input: expected record, received array']],
    [
      flow('a: {plugin: bash, version: 1.0}'),
      ['2:30 pipeline.a.version: expected a version in quotes, such as "v1.0.0"'],
    ],
    [flow('a: {plugin: bash, pluginType: Exce}'), ['2:33 pipeline.a.pluginType: expected Deployer or Exec']],
    [
      flow('a: {plugin: bash, timeout: 30}'),
      ['2:30 pipeline.a.timeout: expected a duration with its unit, such as 30s'],
    ],
    [
      flow('a: {plugin: bash, timeout: 8d}'),
      ['2:30 pipeline.a.timeout: "8d" is no duration like 500ms, 30s, 5m or 1h'],
    ],
    [flow('a: {plugin: bash, timeout: 169h}'), ['2:30 pipeline.a.timeout: "169h" is longer than seven days']],
    [
      flow('a: {plugin: bash, retry: {}}'),
      ['2:21 pipeline.a.retry.attempts: expected a whole number from 1 to 10: how often it runs at most'],
    ],
    [flow('a: {plugin: bash, always: yes}'), ['2:29 pipeline.a.always: expected true or false']],
    [flow('a: {plugin: bash, engineAccess: yes}'), ['2:35 pipeline.a.engineAccess: expected true or false']],
    [flow('a: {plugin: bash, retry: 3}'), ['2:28 pipeline.a.retry: expected object, received number']],
    [
      flow('a: {plugin: bash, retry: {attempts: 11}}'),
      ['2:39 pipeline.a.retry.attempts: expected a whole number from 1 to 10: how often it runs at most'],
    ],
    [
      flow('a: {plugin: bash, retry: {attempts: 0}}'),
      ['2:39 pipeline.a.retry.attempts: expected a whole number from 1 to 10: how often it runs at most'],
    ],
    [
      flow('a: {plugin: bash, retry: {attempts: 1.5}}'),
      ['2:39 pipeline.a.retry.attempts: expected a whole number from 1 to 10: how often it runs at most'],
    ],
    [
      flow('a: {plugin: bash, retry: {attempts: 2, delay: 5}}'),
      ['2:49 pipeline.a.retry.delay: expected a duration with its unit, such as 30s'],
    ],
    [flow('a: {plugin: bash, retry: {attempts: 2, dealy: 5s}}'), ['2:42 unknown key "dealy"']],
  ])('%j', (text, mistakes) => {
    expect(mistakesOf(() => parseGraph(text))).toEqual(mistakes);
  });
});

test('an unknown key inside a key of a step has a hint of what is known there', () => {
  const text = flow('a: {plugin: bash, retry: {attempts: 2, dealy: 5s}}');
  expect(faultOf(() => parseGraph(text)).hint).toBe('did you mean "delay"?');
});

describe('a step cannot be named', () => {
  test.each<[string, string[], string]>([
    ['with a space', ['"a b": {plugin: bash}'], '2:3 "a b" cannot name a step: letters, digits, and - _ between them'],
    ['with a dot', ['a.b: {plugin: bash}'], '2:3 "a.b" cannot name a step: letters, digits, and - _ between them'],
    ['with a dash first', ['-a: {plugin: bash}'], '2:3 "-a" cannot name a step: letters, digits, and - _ between them'],
    [
      'global, which means the globals',
      ['global: {plugin: bash}'],
      '2:3 "global" cannot name a step: {{global.x}} means the globals',
    ],
    [
      'like another one',
      ['a: {plugin: bash}', 'b: {name: bash, instanceName: a}'],
      '3:33 the instance "a" is there twice',
    ],
    [
      'like another one but for capitals',
      ['a: {plugin: bash}', 'A: {plugin: bash}'],
      '3:3 "A" and "a" would both be reached as a',
    ],
    [
      'like another one but for _',
      ['x-y: {plugin: bash}', 'x_y: {plugin: bash}'],
      '3:3 "x_y" and "x-y" would both be reached as x-y',
    ],
    [
      'by a wrong instanceName',
      ['a: {name: bash, instanceName: "b c"}'],
      '2:33 "b c" cannot name a step: letters, digits, and - _ between them',
    ],
  ])('%s', (_, steps, mistake) => {
    expect(mistakesOf(() => parseGraph(flow(...steps)))).toEqual([mistake]);
  });

  test('with more than 40 characters', () => {
    expect(mistakesOf(() => parseGraph(flow(`${'x'.repeat(41)}: {plugin: bash}`)))[0]).toContain('<=40 characters');
    expect(parseGraph(flow(`${'x'.repeat(40)}: {plugin: bash}`)).graph.steps).toHaveLength(1);
  });
});

test('all mistakes of a flow are told in the order of the text, with the first one as the message', () => {
  const fault = faultOf(() =>
    check(flow('a: {plugin: bash, input: {script: "{{z.x}}"}}', 'b: {plugin: bsah}', 'c: {plugin: http-check}')),
  );
  expect(fault.message).toBe('line 2, column 38: {{z.x}}: no step is named "z" (and 2 more)');
  expect(fault.hint).toBe('there are no steps before it');
  expect(fault.where).toEqual({ line: 2, column: 38, path: 'pipeline.a.input.script' });
  expect(fault.mistakes.map(({ where }) => where?.line)).toEqual([2, 3, 4]);
});
