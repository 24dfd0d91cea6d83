import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Task } from '../../../src/model/task.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { type Answer, graph, openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let count = 0;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const send = (method: string, path: string, body?: unknown): Promise<Answer> =>
  api.send(`/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const get = async (path: string) => (await send('GET', path)).body;
const status = async (path: string) => (await send('GET', path)).status;
/** Returns the item of a list by id or name, or undefined. */
const listed = async (path: string, id: string) =>
  (await get(path)).items.find((one: { id: string; name: string }) => one.id === id || one.name === id);
/** Opens a live log and leaves at once. Returns the status. */
async function opens(path: string): Promise<number> {
  const stream = await api.api.request(`/api/v1${path}`, { headers: { accept: 'text/event-stream' } });
  await stream.body?.cancel();
  return stream.status;
}
const name = (of: string) => {
  count += 1;
  return `${of}-${count}`;
};
const newFlow = async () => (await send('POST', '/testflows', { name: name('known'), graph })).body.id;
const component = (commit: string) => ({
  ...{ plugin: 'greeter-deploy', repo: 'https://git.invalid/team/greeter.git', version: 'main' },
  ...{ commit: commit.repeat(40), image: `greeter:${commit}`, built: true },
});

/** Creates a task of a new job, whose second step has failed. */
async function newTask(more: Partial<Task>): Promise<{ id: string; jobId: string }> {
  const jobId = await api.saveJob();
  const number = await api.store.jobs.takeNumber(jobId);
  const pipeline = [{ instance: 'check', plugin: 'bash', version: 'v1.0.0', input: { script: 'exit 1' } }];
  const steps = [{ instance: 'check', state: 'error' as const }];
  const task = aTask(jobId, number, { pipeline, steps, components: [component('1')], ...more });
  await api.store.tasks.open(task, () => name('known'));
  return { id: task.id, jobId };
}

describe('every read after the response', () => {
  test('shows a created, changed and deleted group', async () => {
    const { id } = (await send('POST', '/groups', { name: name('group') })).body;
    expect(await listed('/groups?limit=200', id)).toMatchObject({ id });
    await send('PATCH', `/groups/${id}`, { description: 'changed' });
    expect(await listed('/groups?limit=200', id)).toMatchObject({ description: 'changed' });
    await send('DELETE', `/groups/${id}`);
    expect(await listed('/groups?limit=200', id)).toBeUndefined();
  });

  test('shows a saved, edited, copied and deleted test flow', async () => {
    const id = await newFlow();
    const { name: flowName } = await get(`/testflows/${id}`);
    expect(await listed('/testflows?limit=200', id)).toMatchObject({ revision: 1 });
    await send('PUT', `/testflows/${id}`, { name: flowName, graph: graph.replace('echo', 'printf') });
    expect((await get(`/testflows/${id}`)).graph).toContain('printf');
    expect(
      (await get(`/testflows/${id}/revisions`)).items.map(({ revision }: { revision: number }) => revision),
    ).toContain(2);
    expect(await status(`/testflows/${id}/revisions/2`)).toBe(200);
    const copy = (await send('POST', `/testflows/${id}/copy`, { name: name('copy') })).body.id;
    expect([await status(`/testflows/${copy}`), (await listed('/testflows?limit=200', copy)).id]).toEqual([200, copy]);
    await send('DELETE', `/testflows/${id}`);
    expect([await status(`/testflows/${id}`), await listed('/testflows?limit=200', id)]).toEqual([404, undefined]);
  });

  test('shows a saved, edited, paused, resumed and deleted job', async () => {
    const testFlowId = await newFlow();
    const job = { name: name('job'), testFlowId, jobType: 'cron_job', cronExpression: '0 3 * * *' };
    const { id } = (await send('POST', '/jobs', job)).body;
    expect([(await get(`/jobs/${id}`)).trigger, (await listed('/jobs?limit=200', id)).id]).toEqual(['schedule', id]);
    await send('PUT', `/jobs/${id}`, { ...job, cronExpression: '0 4 * * *' });
    expect((await listed('/jobs?limit=200', id)).cronExpression).toBe('0 4 * * *');
    expect((await get(`/jobs/${id}/next?n=1`)).items[0]).toContain('T04:00:00');
    await send('POST', `/jobs/${id}/pause`, { note: 'wait' });
    expect([(await get(`/jobs/${id}`)).paused, (await listed('/jobs?limit=200', id)).pause.note]).toEqual([
      true,
      'wait',
    ]);
    await send('POST', `/jobs/${id}/resume`);
    expect([(await get(`/jobs/${id}`)).paused, (await listed('/jobs?limit=200', id)).pause]).toEqual([
      false,
      undefined,
    ]);
    await send('DELETE', `/jobs/${id}`);
    expect([await status(`/jobs/${id}`), await listed('/jobs?limit=200', id)]).toEqual([404, undefined]);
  });

  test.each([true, false])('shows an accepted run (no worker: %s)', async (idle) => {
    const jobId = await api.saveJob();
    api.orchestrator.idle = idle;
    const { taskId } = (await send('POST', `/jobs/${jobId}/run`)).body;
    api.orchestrator.idle = false;
    const { state } = await get(`/tasks/${taskId}`);
    expect(state).toBe(idle ? 'init' : 'running');
    for (const path of [`/tasks?jobId=${jobId}`, `/tasks?state=${state}&limit=200`, '/tasks?limit=200']) {
      expect([path, (await listed(path, taskId))?.id]).toEqual([path, taskId]);
    }
    expect((await get(`/jobs/${jobId}`)).lastTasks[0].id).toBe(taskId);
    for (const part of ['logs', 'logs?step=check&attempt=1', 'pods', 'artifacts', 'testcases', 'lockfile']) {
      expect([part, await status(`/tasks/${taskId}/${part}`)]).toEqual([part, 200]);
    }
    expect(await opens(`/tasks/${taskId}/logs`)).toBe(200);
  });

  test.each([
    ['of a settled task from the start', { state: 'error', outcome: 'test' }, { from: 'start' }],
    ['of a held task from the start', { state: 'held', outcome: 'test' }, { from: 'start' }],
    ['of a held task from the failed step', { state: 'held', outcome: 'test' }, { from: 'failed' }],
  ] as const)('shows a retry %s', async (_what, more, body) => {
    const { id, jobId } = await newTask(more);
    expect(await send('POST', `/tasks/${id}/retry`, body)).toMatchObject({ status: 202, body: { attempt: 2 } });
    const { state, attempt } = await get(`/tasks/${id}`);
    expect([attempt, ['init', 'running'].includes(state)]).toEqual([2, true]);
    expect(await listed(`/tasks?jobId=${jobId}`, id)).toMatchObject({ attempt: 2, state });
    expect(await listed(`/tasks?state=${more.state}&limit=200`, id)).toBeUndefined();
    for (const part of ['logs', 'artifacts', 'testcases']) {
      expect([part, await status(`/tasks/${id}/${part}?attempt=2`)]).toEqual([part, 200]);
    }
    expect(await opens(`/tasks/${id}/logs?attempt=2`)).toBe(200);
  });

  test('shows a changed hold and a release', async () => {
    const heldUntil = new Date('2026-11-30T12:00:00Z');
    const { id, jobId } = await newTask({ state: 'held', outcome: 'test', heldUntil });
    const held = await send('POST', `/tasks/${id}/hold`, { for: '2h' });
    for (const seen of [await get(`/tasks/${id}`), await listed(`/tasks?jobId=${jobId}`, id)]) {
      expect(seen.heldUntil).toBe(held.body.heldUntil);
    }
    expect((await send('POST', `/tasks/${id}/release`)).status).toBe(202);
    for (const seen of [await get(`/tasks/${id}`), await listed(`/tasks?jobId=${jobId}`, id)]) {
      expect(seen).not.toHaveProperty('heldUntil');
    }
  });

  test('shows a stopped and a deleted task', async () => {
    const { id, jobId } = await newTask({ state: 'running' });
    await send('POST', `/tasks/${id}/stop`, { reason: 'not needed' });
    expect(await get(`/tasks/${id}`)).toMatchObject({ stop: { by: 'local', reason: 'not needed' } });
    expect((await send('DELETE', `/tasks/${id}`)).status).toBe(204);
    expect([await status(`/tasks/${id}`), await listed(`/tasks?jobId=${jobId}`, id)]).toEqual([404, undefined]);
    expect([await status(`/tasks/${id}/logs`), await opens(`/tasks/${id}/logs`)]).toEqual([404, 404]);
  });

  test('shows a started bisect', async () => {
    const good = await newTask({ state: 'success' });
    const { jobId } = good;
    const bad = aTask(jobId, 7, { ...(await api.store.tasks.get(good.id)), id: `${jobId}-7`, number: 7 });
    Object.assign(bad, { state: 'error', outcome: 'test', components: [component('2')] });
    await api.store.tasks.open(bad, () => name('known'));
    const { bisectId } = (await send('POST', `/jobs/${jobId}/bisect`, { good: good.id, bad: bad.id })).body;
    expect(await get(`/bisects/${bisectId}`)).toMatchObject({ id: bisectId, state: 'running' });
    expect(await listed('/bisects?limit=200', bisectId)).toMatchObject({ jobId });
  });

  test('shows a replayed delivery', async () => {
    const hook = { kind: 'tag_created' as const, repo: 'a/b', tag: 'v1', by: 'ann' };
    const delivery = { id: 'known', event: 'create', repo: 'a/b', summary: 'a tag', hook, failures: 0, matches: [] };
    await api.store.deliveries.insert({ ...delivery, state: 'received', receivedAt: new Date() });
    const { id } = (await send('POST', '/deliveries/known/replay')).body;
    expect(await get(`/deliveries/${id}`)).toMatchObject({ replayOf: 'known' });
    expect(await listed('/deliveries?repo=a/b&state=received', id)).toMatchObject({ id });
  });

  test('shows an uploaded, labelled and deleted plugin', async () => {
    const plugin = name('plugin');
    const form = new FormData();
    form.append('plugin', new Blob([JSON.stringify({ name: plugin, version: 'v1.0.0', pluginType: 'Exec' })]), plugin);
    expect((await api.send('/api/v1/plugins', { method: 'POST', body: form })).status).toBe(201);
    expect([(await listed('/plugins', plugin)).version, await status(`/plugins/${plugin}/v1.0.0`)]).toEqual([
      'v1.0.0',
      200,
    ]);
    await send('PUT', `/plugins/${plugin}/labels/known`);
    expect([(await get(`/plugins/${plugin}`)).labels, await listed('/plugins?label=known', plugin)]).toMatchObject([
      ['known'],
      { name: plugin },
    ]);
    expect((await get('/labels')).items).toContainEqual({ label: 'known', plugins: [plugin] });
    await send('DELETE', `/plugins/${plugin}/labels/known`);
    expect([(await get(`/plugins/${plugin}`)).labels, await listed('/plugins?label=known', plugin)]).toEqual([
      [],
      undefined,
    ]);
    await send('DELETE', `/plugins/${plugin}`);
    expect([await status(`/plugins/${plugin}`), await listed('/plugins', plugin)]).toEqual([404, undefined]);
  });
});
