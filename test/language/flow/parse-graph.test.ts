import { describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { check, faultOf, issuesOf } from '../../support/language/flow/flows.ts';

const flow = (...lines: string[]) => `pipeline:\n${lines.map((line) => `  ${line}\n`).join('')}`;

describe('a test flow', () => {
  test('is parsed to its name, globals and steps', () => {
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

  test('keeps the order of its steps, even with numeric names', () => {
    const { graph } = parseGraph(
      flow('10: {plugin: bash}', 'b: {plugin: bash}', '2: {plugin: bash}', 'a: {plugin: bash}'),
    );
    expect(graph.steps.map(({ instance }) => instance)).toEqual(['10', 'b', '2', 'a']);
  });

  test("is accepted in the original's form, with data of its editor and empty values", () => {
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

  test("has locations of its own keys in the original's form", () => {
    const text = 'pipeline:\n  bash-1:\n    name: bsah\n    instanceName: one\n';
    expect(faultOf(() => check(text)).where).toEqual({ line: 3, column: 11, path: 'pipeline["bash-1"].name' });
  });

  test('may use names of JavaScript properties for steps', () => {
    const text = flow(
      'constructor: {plugin: bash, input: {script: x}}',
      'toString: {plugin: bash, input: {script: "{{constructor.a}}"}}',
    );
    expect(check(text).map(({ step }) => step.instance)).toEqual(['constructor', 'toString']);
  });

  test('may define anchors under keys that begin with x-', () => {
    const text = `x-say: &say {plugin: bash, input: {script: echo}}\n${flow('a: *say', 'b: {<<: *say, timeout: 5s}')}`;
    expect(check(text).map(({ step }) => step)).toEqual([
      { instance: 'a', plugin: 'bash', input: { script: 'echo' } },
      { instance: 'b', plugin: 'bash', input: { script: 'echo' }, timeoutMs: 5000 },
    ]);
  });

  test('may have Windows line endings and a byte order mark', () => {
    const text = `\uFEFF${flow('a:', '  plugin: bsah')}`.replaceAll('\n', '\r\n');
    expect(issuesOf(() => check(text))).toEqual(['3:13 unknown plugin "bsah"']);
  });
});

describe('issues of the keys of a test flow', () => {
  test.each<[string, string[]]>([
    ['name: x\npipeline:\n  say: plugin: bash\n', ['3:8 Nested mappings are not allowed in compact mappings']],
    ['pipeline:\n\tsay: {}\n', ['2:1 Tabs are not allowed as indentation']],
    [flow('a: {plugin: bash}', 'a: {plugin: bash}'), ['3:3 duplicate key "a"']],
    [flow('a:', '  plugin: bash', '  plugin: bash'), ['4:5 duplicate key "plugin"']],
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
    [flow('a: {input: {}}'), ['2:3 step "a" has no plugin']],
    [flow('a: {plugin: bash, name: http-check}'), ['2:27 step "a" has two plugins, bash and http-check']],
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
      ['2:30 pipeline.a.timeout: "8d" is not a valid duration such as 500ms, 30s, 5m or 1h'],
    ],
    [flow('a: {plugin: bash, timeout: 169h}'), ['2:30 pipeline.a.timeout: "169h" exceeds the limit of seven days']],
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
  ])('have line and column: %j', (text, issues) => {
    expect(issuesOf(() => parseGraph(text))).toEqual(issues);
  });
});

test('an unknown nested key of a step has a hint with the known keys', () => {
  const text = flow('a: {plugin: bash, retry: {attempts: 2, dealy: 5s}}');
  expect(faultOf(() => parseGraph(text)).hint).toBe('did you mean "delay"?');
});

describe('the name of a step', () => {
  test.each<[string, string[], string]>([
    ['a space', ['"a b": {plugin: bash}'], '2:3 "a b" cannot name a step: letters, digits, and - _ between them'],
    ['a dot', ['a.b: {plugin: bash}'], '2:3 "a.b" cannot name a step: letters, digits, and - _ between them'],
    ['a leading dash', ['-a: {plugin: bash}'], '2:3 "-a" cannot name a step: letters, digits, and - _ between them'],
    [
      'the reserved name global',
      ['global: {plugin: bash}'],
      '2:3 "global" cannot name a step: {{global.x}} means the globals',
    ],
    ['a duplicate name', ['a: {plugin: bash}', 'b: {name: bash, instanceName: a}'], '3:33 duplicate instance "a"'],
    [
      'a duplicate name in other case',
      ['a: {plugin: bash}', 'A: {plugin: bash}'],
      '3:3 "A" and "a" would both be reached as a',
    ],
    [
      'a duplicate name with _ for -',
      ['x-y: {plugin: bash}', 'x_y: {plugin: bash}'],
      '3:3 "x_y" and "x-y" would both be reached as x-y',
    ],
    [
      'an invalid instanceName',
      ['a: {name: bash, instanceName: "b c"}'],
      '2:33 "b c" cannot name a step: letters, digits, and - _ between them',
    ],
  ])('is rejected for %s', (_, steps, issue) => {
    expect(issuesOf(() => parseGraph(flow(...steps)))).toEqual([issue]);
  });

  test('is rejected with more than 40 characters', () => {
    expect(issuesOf(() => parseGraph(flow(`${'x'.repeat(41)}: {plugin: bash}`)))[0]).toContain('<=40 characters');
    expect(parseGraph(flow(`${'x'.repeat(40)}: {plugin: bash}`)).graph.steps).toHaveLength(1);
  });
});

test('all issues of a flow are reported in the order of the text, with the first one as the message', () => {
  const fault = faultOf(() =>
    check(flow('a: {plugin: bash, input: {script: "{{z.x}}"}}', 'b: {plugin: bsah}', 'c: {plugin: http-check}')),
  );
  expect(fault.message).toBe('line 2, column 38: {{z.x}}: no step is named "z" (and 2 more)');
  expect(fault.hint).toBe('there are no steps before it');
  expect(fault.where).toEqual({ line: 2, column: 38, path: 'pipeline.a.input.script' });
  expect(fault.issues.map(({ where }) => where?.line)).toEqual([2, 3, 4]);
});
