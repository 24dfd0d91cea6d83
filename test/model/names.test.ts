import { describe, expect, test } from '@jest/globals';
import { dnsName, instanceNameSchema, nameSchema } from '../../src/model/names.ts';
import { newId } from '../../src/model/new-id.ts';
import { pluginDefSchema } from '../../src/model/plugin.ts';
import { jobWorkflowId, taskWorkflowId } from '../../src/model/queues.ts';
import { runnerName } from '../../src/model/run.ts';

const bad = [
  '',
  '-a',
  'a-',
  '.a',
  'a.',
  '_a',
  'a_',
  'a b',
  'a/b',
  'a:b',
  'ä',
  'a\n',
  '\na',
  '__proto__',
  '../x',
  '--help',
];

describe('a plugin', () => {
  test.each(['a', 'A1', 'http-check', 'venus_auth', 'a.b-c_d', '0', 'constructor', 'x'.repeat(63)])(
    'accepts the plugin name %j',
    (name) => {
      expect(nameSchema.safeParse(name).success).toBe(true);
    },
  );

  test.each([...bad, 'x'.repeat(64)])('rejects the plugin name %j', (name) => {
    expect(nameSchema.safeParse(name).success).toBe(false);
  });

  test.each(['v1.0.0', 'v0.0.0', 'v10.20.30'])('accepts the plugin version %s', (version) => {
    expect(pluginDefSchema.safeParse({ name: 'p', version, pluginType: 'Exec' }).success).toBe(true);
  });

  test.each(['', '1.0.0', 'v1', 'v1.0', 'v1.0.0.0', 'v1.0.x', 'v1.0.0-rc1', 'v1.0.0\n', ' v1.0.0', 'latest'])(
    'rejects the plugin version %j',
    (version) => {
      expect(pluginDefSchema.safeParse({ name: 'p', version, pluginType: 'Exec' }).success).toBe(false);
    },
  );

  test('requires only name, version and type of a plugin', () => {
    expect(pluginDefSchema.parse({ name: 'p', version: 'v1.0.0', pluginType: 'Exec' })).toEqual({
      name: 'p',
      version: 'v1.0.0',
      pluginType: 'Exec',
      description: '',
      inputSchema: { type: 'object' },
      outputSchema: { type: 'object' },
      labels: [],
    });
  });
});

describe('a step', () => {
  test.each(['a', 'Check_1', 'greeter-2', '7', 'x'.repeat(40)])('accepts the step name %j', (name) => {
    expect(instanceNameSchema.safeParse(name).success).toBe(true);
  });

  test.each([...bad, 'a.b', 'x'.repeat(41)])('rejects the step name %j', (name) => {
    expect(instanceNameSchema.safeParse(name).success).toBe(false);
  });

  test('derives a DNS name in lower case with - for _ from a step name', () => {
    expect(dnsName('My_Greeter-2')).toBe('my-greeter-2');
    expect(dnsName('x'.repeat(40))).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});

test('a new id is unique and has 16 safe characters', () => {
  const ids = Array.from({ length: 100 }, newId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set(ids).size).toBe(100);
});

test('the name of a runner contains its testId, and from the second attempt on the attempt', () => {
  expect(runnerName({ testId: '0badcafe', attempt: 1 })).toBe('test-runner-0badcafe');
  expect(runnerName({ testId: '0badcafe', attempt: 2 })).toBe('test-runner-0badcafe-2');
});

test('the workflow ids of a job and of a task never collide', () => {
  expect(jobWorkflowId('x')).toBe('job/x');
  expect(taskWorkflowId('x')).toBe('task/x');
});
