import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Fault } from '../../../src/model/fault.ts';
import type { Task } from '../../../src/model/task.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let count = 0;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const pipeline = [
  { instance: 'greeter', plugin: 'greeter-deploy', version: 'v1.0.0', input: { replicas: 1 } },
  { instance: 'check', plugin: 'bash', version: 'v1.0.0', input: { script: 'exit 1' } },
];

/** Creates a task whose second step has failed. */
async function record(more: Partial<Task> = {}): Promise<string> {
  count += 1;
  const steps = [
    { instance: 'greeter', state: 'success' } as const,
    { instance: 'check', state: 'error', error: { code: 'step_failed', message: 'no' } } as const,
  ];
  const plugins = await api.store.plugins.list();
  const version = plugins.find(({ name }) => name === 'bash')?.version ?? '';
  const known = pipeline.map((step) => (step.plugin === 'bash' ? { ...step, version } : step));
  const task = aTask('steer', count, { state: 'held', outcome: 'test', pipeline: known, steps, ...more });
  await api.store.tasks.open(task, () => `steer-${count}`);
  api.steering.asked.length = 0;
  return task.id;
}

describe('a held task', () => {
  test('can be held longer, released, and retried with an edited input', async () => {
    const taskId = await record();
    const hold = await api.post(`/tasks/${taskId}/hold`, { for: '1h30m' });
    expect([hold.status, hold.body]).toEqual([200, { taskId, heldUntil: '2030-01-01T01:30:00.000Z' }]);
    const input = { script: 'curl {{greeter.svcEndpoint}}' };
    const release = await api.post(`/tasks/${taskId}/release`);
    expect([release.status, release.body]).toEqual([202, { taskId }]);
    const retry = await api.post(`/tasks/${taskId}/retry`, { from: 'failed', input });
    expect([retry.status, retry.body]).toEqual([202, { taskId, attempt: 2 }]);
    expect(api.steering.asked).toEqual([
      { taskId, message: 'hold', request: { forMs: 5_400_000 } },
      { taskId, message: 'release' },
      { taskId, message: 'retry', request: { from: 'failed', input, by: 'local' } },
    ]);
  });

  test.each([
    [{ script: 'echo {{greeter.port}}' }, 'input.script'],
    [{ script: 'echo {{later.x}}' }, 'input.script'],
    [{}, 'input'],
    [{ script: 'true', shell: 'zsh' }, 'input.shell'],
  ])('rejects a retry with the input %j and returns the place', async (input, path) => {
    const taskId = await record();
    const { status, body } = await api.post(`/tasks/${taskId}/retry`, { from: 'failed', input });
    expect([status, body.code, body.where]).toEqual([422, 'input_invalid', { step: 'check', path }]);
    expect(api.steering.asked).toEqual([]);
  });

  test('rejects a retry with an input of more than 64 KB', async () => {
    const taskId = await record();
    const { status } = await api.post(`/tasks/${taskId}/retry`, {
      from: 'failed',
      input: { script: 'x'.repeat(70_000) },
    });
    expect(status).toBe(413);
  });

  test.each(['', '0s', '-1h', 'tomorrow', '169h'])('rejects "%s" as the time to hold it', async (text) => {
    const { status, body } = await api.post(`/tasks/${await record()}/hold`, { for: text });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(body)).toContain('for');
    expect(api.steering.asked).toEqual([]);
  });
});

describe('a task with a retry that is not in its record yet', () => {
  test('rejects a retry from the start with the error of its workflow', async () => {
    const taskId = await record();
    const message = `task ${taskId} is already being released or retried`;
    api.steering.refusal = new Fault('conflict', message);
    const { status, body } = await api.post(`/tasks/${taskId}/retry`, { from: 'start' });
    api.steering.refusal = undefined;
    expect([status, body.detail]).toEqual([409, message]);
  });
});

describe('a task that is not held', () => {
  test.each([
    ['hold', { for: '1h' }],
    ['release', {}],
    ['retry', { from: 'failed' }],
  ])('rejects %s with a hint', async (verb, body) => {
    const running = await api.post(`/tasks/${await record({ state: 'running' })}/${verb}`, body);
    expect([running.status, running.body.hint]).toEqual([409, expect.stringContaining('policy.holdOnFailure')]);
    const settled = await api.post(`/tasks/${await record({ state: 'error' })}/${verb}`, body);
    expect([settled.status, settled.body.hint]).toEqual([409, expect.stringContaining('{"from": "start"}')]);
    expect((await api.post(`/tasks/unknown-1/${verb}`, body)).status).toBe(404);
  });
});

describe('holdOnFailure of a job', () => {
  test.each(['30m', '0s', '168h'])('accepts %s', async (holdOnFailure) => {
    const jobId = await api.saveJob();
    const { body: job } = await api.get(`/jobs/${jobId}`);
    const edit = { name: job.name, testFlowId: job.testFlowId, policy: { holdOnFailure } };
    const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(edit) };
    const { status, body } = await api.send(`/api/v1/jobs/${jobId}`, init);
    expect([status, body.policy.holdOnFailure]).toEqual([200, holdOnFailure]);
  });

  test.each(['soon', '169h', '5'])('rejects "%s" with its place', async (holdOnFailure) => {
    const jobId = await api.saveJob();
    const { status, body } = await api.post(`/jobs/${jobId}/run`, { holdOnFailure });
    expect([status, body.where?.path ?? body.errors?.[0]?.path]).toEqual([400, 'holdOnFailure']);
  });
});
