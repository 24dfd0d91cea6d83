import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Store } from '../../../src/adapters/mongodb/connect.ts';
import { addLines } from '../../support/adapters/mongodb/records.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let jobId: string;
beforeAll(async () => {
  api = await openApi();
  jobId = await api.saveJob();
});
afterAll(() => api.close());

const remove = (id: string, from = api) => from.send(`/api/v1/tasks/${id}`, { method: 'DELETE' });

/** Creates an ended task of the job, with a log, a file and outputs. */
async function endedTask(): Promise<string> {
  const { taskId: id } = (await api.post(`/jobs/${jobId}/run`)).body;
  await addLines(api.store.logs, { taskId: id }, 0, 1, ['hello']);
  await api.store.outputs.put(id, 1, 'check', { a: 1 });
  await api.store.artifacts.put(id, 1, { step: 'check', path: 'file', size: 1 }, 0, Buffer.from('x'));
  await api.store.tasks.project(id, { runId: 'run-1', epoch: 2 }, { state: 'success' });
  return id;
}

test('deleting an ended task deletes its log, files and outputs, and its number is not reused', async () => {
  const id = await endedTask();
  expect(await remove(id)).toMatchObject({ status: 204, body: '' });
  for (const path of ['', '/logs', '/artifacts']) expect((await api.get(`/tasks/${id}${path}`)).status).toBe(404);
  expect(await api.store.logs.read(`${id}/runner`, 0, 1)).toEqual([]);
  expect(await api.store.outputs.all(id, 1)).toEqual({});
  expect(await api.store.artifacts.list(id, 1)).toEqual([]);
  expect((await remove(id)).status).toBe(404);
  const next = (await api.post(`/jobs/${jobId}/run`)).body.taskId;
  expect(next).not.toBe(id);
});

test('deleting a running task is rejected with a hint', async () => {
  const { taskId } = (await api.post(`/jobs/${jobId}/run`)).body;
  const answer = await remove(taskId);
  expect(answer).toMatchObject({
    status: 409,
    body: { code: 'conflict', hint: `stop it first: POST /api/v1/tasks/${taskId}/stop` },
  });
  expect((await api.get(`/tasks/${taskId}`)).status).toBe(200);
});

test('deleting a task is refused until the objects that it left are removed', async () => {
  const id = await endedTask();
  await api.store.tasks.setUndeletedObjects(id, [{ kind: 'network', name: 'n', uid: 'n', reason: 'busy' }]);
  expect(await remove(id)).toMatchObject({ status: 409, body: { hint: expect.stringContaining('janitor') } });
  expect((await api.get(`/tasks/${id}/logs`)).body.items).toHaveLength(1);
  await api.store.tasks.setUndeletedObjects(id, []);
  expect((await remove(id)).status).toBe(204);
});

test('deleting a task whose workflow has restarted is rejected, although its record is of the earlier run', async () => {
  const id = await endedTask();
  const { taskRun } = api.orchestrator;
  api.orchestrator.taskRun = async () => ({ runId: 'run-2', status: 'running' });
  expect((await remove(id)).status).toBe(409);
  api.orchestrator.taskRun = taskRun;
  expect((await api.get(`/tasks/${id}/logs`)).body.items).toHaveLength(1);
});

test('a repeated request completes an interrupted deletion', async () => {
  const id = await endedTask();
  const broken = await openApi({
    wrap: (): Store => ({
      ...api.store,
      outputs: { ...api.store.outputs, delete: () => Promise.reject(new Error('x')) },
    }),
  });
  broken.orchestrator.taskRun = async () => ({ runId: 'run-1', status: 'closed' });
  expect((await remove(id, broken)).status).toBe(500);
  expect((await api.get(`/tasks/${id}/logs`)).status).toBe(410);
  expect((await remove(id)).status).toBe(204);
  expect((await api.get(`/tasks/${id}`)).status).toBe(404);
  await broken.close();
});

test('deleting an unknown task returns 404', async () => {
  expect((await remove('no-such-1')).status).toBe(404);
});

test('removed logs and files return 410 with the time of removal', async () => {
  const id = await endedTask();
  await api.store.tasks.beginLogRemoval(id, new Date('2026-11-24T10:00:00Z'));
  const { body: task } = await api.get(`/tasks/${id}`);
  expect(task.logsRemovedAt).toBe('2026-11-24T10:00:00.000Z');
  for (const path of ['logs', 'artifacts', 'artifacts/content?step=check&path=file', 'testcases', 'pods']) {
    expect(await api.get(`/tasks/${id}/${path}`)).toMatchObject({
      status: 410,
      body: { code: 'gone', detail: `the logs of task ${id} were removed at 2026-11-24T10:00:00.000Z` },
    });
  }
  const live = await api.get(`/tasks/${id}/logs`, { accept: 'text/event-stream' });
  expect(live).toMatchObject({ status: 410, body: { code: 'gone' } });
});
