import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bisect } from '../../../src/model/bisect.ts';
import type { Task } from '../../../src/model/task.ts';
import { settleLostBisects } from '../../../src/services/bisects/settle-lost-bisects.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let jobId: string;
let count = 0;

beforeAll(async () => {
  api = await openApi();
  jobId = await api.saveJob();
});
afterAll(() => api.close());

const component = (plugin: string, commit: string) => ({
  plugin,
  repo: `https://git.invalid/${plugin}.git`,
  version: 'main',
  commit: commit.repeat(40),
  image: `${plugin}:${commit}`,
  built: true,
});

async function record(more: Partial<Task>): Promise<string> {
  count = await api.store.jobs.takeNumber(jobId);
  const pipeline = [{ instance: 'say', plugin: 'bash', version: 'v1.0.0', input: {} }];
  const task = aTask(jobId, count, { pipeline, components: [component('a', '1'), component('b', '1')], ...more });
  await api.store.tasks.open(task, () => `bisect-${count}`);
  api.bisects.length = 0;
  return task.id;
}
const good = (more: Partial<Task> = {}) => record({ state: 'success', ...more });
const bad = (more: Partial<Task> = {}) => record({ state: 'error', outcome: 'test', ...more });
const start = (body: object, headers?: Record<string, string>) => api.post(`/jobs/${jobId}/bisect`, body, headers);

describe('a bisect', () => {
  test('searches the only component in which the tasks differ', async () => {
    const tasks = { good: await good(), bad: await bad({ components: [component('a', '1'), component('b', '2')] }) };
    const { status, body, headers } = await start(tasks);
    expect([status, headers.get('location')]).toEqual([202, `/api/v1/bisects/${body.bisectId}`]);
    expect(api.bisects).toMatchObject([
      {
        id: body.bisectId,
        jobId,
        ...tasks,
        component: 'b',
        repo: 'https://git.invalid/b.git',
        goodCommit: '1'.repeat(40),
        badCommit: '2'.repeat(40),
        tryGood: false,
        by: 'local',
      },
    ]);
    const { body: found } = await api.get(`/bisects/${body.bisectId}`);
    expect(found).toMatchObject({ id: body.bisectId, state: 'running', component: 'b', runs: [] });
  });

  test('is the same when the request is repeated with its key', async () => {
    const tasks = { good: await good(), bad: await bad({ components: [component('a', '1'), component('b', '2')] }) };
    const key = { 'idempotency-key': 'once' };
    const [one, two] = [await start(tasks, key), await start(tasks, key)];
    expect(one.body.bisectId).toBe(two.body.bisectId);
  });

  test('lists the differences if there are several, and searches a given component, testing its good commit first', async () => {
    const tasks = {
      good: await good(),
      bad: await bad({ components: [component('a', '3'), component('b', '2')], flowRevision: 2, globals: { x: 1 } }),
    };
    const { status, body } = await start(tasks);
    expect([status, body.code]).toEqual([422, 'input_invalid']);
    for (const part of ['revision 1 and 2', 'the global x', 'a (111111111111 and 333333333333)', 'b (']) {
      expect(body.detail).toContain(part);
    }
    expect(body.hint).toContain('name the component');
    expect((await start({ ...tasks, component: 'a' })).status).toBe(202);
    expect(api.bisects).toMatchObject([{ component: 'a', badCommit: '3'.repeat(40), tryGood: true }]);
  });

  test('is rejected with the issues of its tasks', async () => {
    const [success, failure] = [await good(), await bad()];
    const other = aTask('other', 1, { state: 'success' });
    await api.store.tasks.open(other, () => 'bisect-other');
    const refusals = [
      [{ good: failure, bad: failure }, 'good', 'so it cannot be "good"'],
      [{ good: success, bad: success }, 'bad', 'so it cannot be "bad"'],
      [{ good: success, bad: await bad({ outcome: 'build' }) }, 'bad', 'so it cannot be "bad"'],
      [{ good: other.id, bad: failure }, 'good', 'is not of job'],
      [{ good: success, bad: failure }, undefined, 'the tasks do not differ'],
      [{ good: success, bad: failure, component: 'a' }, 'component', 'do not differ in commits of a'],
    ] as const;
    for (const [body, path, message] of refusals) {
      const answer = await start(body);
      expect([answer.status, answer.body.where?.path]).toEqual([422, path]);
      expect(answer.body.detail).toContain(message);
    }
    expect((await start({ good: 'unknown-1', bad: failure })).status).toBe(404);
    expect(api.bisects).toEqual([]);
  });

  test('is stored by its workflow, listed by job, settled when terminated, and deleted with its job', async () => {
    const jobId = await api.saveJob();
    const search: Bisect = {
      id: 'search-1',
      jobId,
      good: 'g',
      bad: 'b',
      component: 'a',
      repo: 'r',
      goodCommit: '1',
      badCommit: '2',
      by: 'anna',
      requestedAt: '2026-11-24T10:00:00.000Z',
      state: 'running',
      runs: [{ commit: '3', taskId: 't' }],
    };
    await api.store.bisects.put({ ...search, state: 'success' }, 2);
    await api.store.bisects.put(search, 1);
    expect((await api.get('/bisects/search-1')).body).toEqual({ ...search, state: 'success' });
    expect((await api.get(`/bisects?jobId=${jobId}`)).body.items).toHaveLength(1);
    expect((await api.get('/bisects?jobId=other')).body.items).toEqual([]);
    const lost = { ...search, id: 'search-2' };
    await api.store.bisects.put(lost, 1);
    await settleLostBisects({
      ...api.store,
      bisectWorkflows: { start: async () => undefined, stop: async () => undefined, isRunning: async () => false },
    });
    expect((await api.get('/bisects/search-1')).body.state).toBe('success');
    expect((await api.get('/bisects/search-2')).body).toMatchObject({ state: 'canceled', error: { code: 'stopped' } });
    await api.store.bisects.deleteOf(jobId);
    expect((await api.get('/bisects/search-1')).status).toBe(404);
  });
});

describe('a run of a lockfile', () => {
  test('is rejected when the task belongs to another job, or lacks a commit that is not given', async () => {
    const pipeline = [{ instance: 'greeter', plugin: 'greeter-deploy', version: 'v1.0.0', input: {} }];
    const taskId = await good({ pipeline, components: [] });
    const incomplete = await api.post(`/jobs/${jobId}/run`, { lockfileOf: taskId });
    expect([incomplete.status, incomplete.body.where]).toEqual([422, { path: 'lockfileOf' }]);
    expect(incomplete.body.detail).toContain('no commit for greeter-deploy');
    const versions = { 'greeter-deploy': 'main' };
    expect((await api.post(`/jobs/${jobId}/run`, { lockfileOf: taskId, versions })).status).toBe(202);
    expect(api.orchestrator.runs.at(-1)?.run).toMatchObject({ lockfileOf: taskId, versions });
    const other = await api.post(`/jobs/${await api.saveJob()}/run`, { lockfileOf: taskId });
    expect([other.status, other.body.where]).toEqual([422, { path: 'lockfileOf' }]);
    expect((await api.post(`/jobs/${jobId}/run`, { lockfileOf: 'unknown-1' })).status).toBe(404);
  });
});

describe('a retry from the start', () => {
  test('signals the entity of the job for a settled task, with the next attempt', async () => {
    const taskId = await bad({ attempt: 2 });
    const { status, body } = await api.post(`/tasks/${taskId}/retry`, { from: 'start' }, { 'idempotency-key': 'k' });
    expect([status, body]).toEqual([202, { taskId, attempt: 3 }]);
    const number = Number(taskId.split('-').at(-1));
    const retry = { number, attempt: 3, versions: 'locked', by: 'local' };
    expect(api.orchestrator.runs.at(-1)).toMatchObject({ retry });
    expect((await api.get(`/tasks/${taskId}`)).body).toMatchObject({ attempt: 3 });
    const again = await api.post(`/tasks/${taskId}/retry`, { from: 'start' }, { 'idempotency-key': 'k' });
    expect([again.status, again.body]).toEqual([202, { taskId, attempt: 3 }]);
  });

  test('updates the workflow of a held task', async () => {
    const taskId = await record({ state: 'held', outcome: 'test' });
    api.steering.asked.length = 0;
    await api.post(`/tasks/${taskId}/retry`, { from: 'start', versions: 'refreshed' });
    expect(api.steering.asked).toEqual([
      { taskId, message: 'retry', request: { from: 'start', versions: 'refreshed', by: 'local' } },
    ]);
  });

  test('is rejected for a task without steps, and with unknown fields', async () => {
    const { status, body } = await api.post(`/tasks/${await bad({ pipeline: [] })}/retry`, { from: 'start' });
    expect([status, body.hint]).toEqual([409, `run the job: POST /jobs/${jobId}/run`]);
    for (const wrong of [{ from: 'middle' }, { from: 'start', versions: 'newest' }, { from: 'start', input: {} }, {}]) {
      expect((await api.post(`/tasks/${await bad()}/retry`, wrong)).status).toBe(400);
    }
  });
});
