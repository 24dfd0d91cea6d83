import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graph, openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('test flows', () => {
  test('are saved verbatim, returned and listed', async () => {
    const text = `# a comment stays\n${graph}`;
    const saved = await api.post('/testflows', {
      name: 'smoke',
      graph: text,
      globalProperties: { 'log.level': 'DEBUG' },
    });
    expect(saved.status).toBe(201);
    expect(saved.headers.get('location')).toBe(`/api/v1/testflows/${saved.body.id}`);
    expect(saved.body).toMatchObject({ name: 'smoke', graph: text, revision: 1, description: '' });
    expect(saved.body.createdAt).toMatch(isoTime);
    const got = await api.get(`/testflows/${saved.body.id}`);
    expect(got.status).toBe(200);
    expect(got.body).toEqual(saved.body);
    const { graph: _, ...summary } = saved.body;
    expect((await api.get('/testflows')).body).toEqual({ items: [summary] });
  });

  test('are validated without being saved', async () => {
    const before = (await api.get('/testflows')).body.items.length;
    const checked = await api.post('/testflows/validate', { graph });
    expect(checked).toMatchObject({
      status: 200,
      body: {
        steps: [
          { instance: 'greeter', plugin: 'greeter-deploy', version: 'v1.0.0', pluginType: 'Deployer' },
          { instance: 'check', plugin: 'bash', version: 'v1.0.0', pluginType: 'Exec' },
        ],
      },
    });
    expect((await api.post('/testflows/validate', { graph: 'pipeline: {}' })).status).toBe(422);
    expect((await api.get('/testflows')).body.items).toHaveLength(before);
  });

  test('need unique names', async () => {
    await api.post('/testflows', { name: 'only-once', graph });
    const second = await api.post('/testflows', { name: 'only-once', graph });
    expect(second).toMatchObject({ status: 409, body: { code: 'conflict', where: { path: 'name' } } });
  });
});

describe("the site's globals", () => {
  const put = (body: object) =>
    api.send('/api/v1/globals', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const refersTo = (name: string) => ({ graph: graph.replace(/script: "[^"]*"/, `script: "echo {{global.${name}}}"`) });

  test('are empty until set, and are then known to saved test flows', async () => {
    expect((await api.get('/globals')).body).toEqual({ revision: 0, globalProperties: {} });
    expect((await api.post('/testflows/validate', refersTo('peer'))).status).toBe(422);
    const globalProperties = { peer: '/ip4/192.0.2.1', 'a.$b': 'kept', tries: 3, fast: true };
    const saved = await put({ globalProperties });
    expect(saved).toMatchObject({ status: 200, body: { revision: 1, globalProperties, updatedBy: 'local' } });
    expect(saved.body.updatedAt).toMatch(isoTime);
    expect((await api.get('/globals')).body).toEqual(saved.body);
    expect((await api.post('/testflows/validate', refersTo('peer'))).status).toBe(200);
  });

  test('are replaced as a whole, and with a revision only if it is the current one', async () => {
    const { revision } = (await api.get('/globals')).body;
    const edits = ['one', 'other'].map((peer) => put({ globalProperties: { peer }, revision }));
    expect((await Promise.all(edits)).map(({ status }) => status).sort()).toEqual([200, 409]);
    const { body: newest } = await api.get('/globals');
    expect(newest.revision).toBe(revision + 1);
    expect((await put({ globalProperties: newest.globalProperties })).body).toEqual(newest);
    expect((await put({ globalProperties: {} })).body.globalProperties).toEqual({});
  });

  test('are rejected as a whole if one has an invalid value', async () => {
    const before = (await api.get('/globals')).body;
    const refused = await put({ globalProperties: { good: 1, peers: ['a', 'b'] } });
    expect(refused).toMatchObject({ status: 400, body: { where: { path: 'globalProperties.peers' } } });
    expect((await api.get('/globals')).body).toEqual(before);
  });
});

test('plugins are listed, returned with all versions, and returned by version', async () => {
  const { body } = await api.get('/plugins');
  expect(body.items.map((plugin: { name: string }) => plugin.name)).toEqual(['bash', 'greeter-deploy']);
  const one = await api.get('/plugins/greeter-deploy');
  expect(one.body).toEqual({ name: 'greeter-deploy', labels: [], versions: [body.items[1]] });
  expect((await api.get('/plugins/greeter-deploy/v1.0.0')).body).toEqual(body.items[1]);
  expect(await api.get('/plugins/greeter-deploy/v9.9.9')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect((await api.get('/plugins/nothing')).status).toBe(404);
});

describe('jobs', () => {
  test('are saved, returned, and listed page by page, newest first', async () => {
    const flow = await api.post('/testflows', { name: 'for-jobs', graph });
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const versions = { 'greeter-deploy': 'main' };
      const saved = await api.post('/jobs', { name: `paged-${n}`, testFlowId: flow.body.id, versions });
      expect(saved).toMatchObject({ status: 201, body: { jobType: 'manual', execCount: 0, versions } });
      const { warnings: _warnings, ...record } = saved.body;
      const detail = { ...record, paused: false, trigger: 'none', nextRuns: [], lastTasks: [] };
      expect((await api.get(`/jobs/${saved.body.id}`)).body).toEqual(detail);
      ids.unshift(saved.body.id);
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await api.get(`/jobs?limit=2${cursor && `&cursor=${cursor}`}`);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map((job: { id: string }) => job.id));
      cursor = body.nextCursor ?? '';
    } while (cursor !== '');
    expect(new Set(seen)).toEqual(new Set(ids));
    expect(seen).toHaveLength(ids.length);
  });

  test('return 202 with task and workflow for a manual run, and pass on versions, globals and user', async () => {
    const id = await api.saveJob();
    const run = { versions: { 'greeter-deploy': 'v1.0.0' }, globalProperties: { logLevel: 'INFO' } };
    const { status, body, headers } = await api.post(`/jobs/${id}/run`, run);
    expect({ status, body }).toEqual({ status: 202, body: { taskId: `${id}-1`, workflowId: `task/${id}-1` } });
    expect(headers.get('location')).toBe(`/api/v1/tasks/${id}-1`);
    expect(api.orchestrator.runs.at(-1)).toMatchObject({ trigger: { type: 'manual', by: 'local' }, run });
  });

  test('create one task for two runs with one Idempotency-Key, and two tasks with two keys', async () => {
    const id = await api.saveJob();
    const run = (key: string) => api.post(`/jobs/${id}/run`, {}, { 'idempotency-key': key });
    const answers = [await run('k1'), await run('k1'), await run('k2')].map(({ body }) => body.taskId);
    expect(answers).toEqual([`${id}-1`, `${id}-1`, `${id}-2`]);
    expect((await api.get(`/tasks?jobId=${id}`)).body.items).toHaveLength(2);
  });

  test('return 503 with Retry-After for a run while Temporal does not answer', async () => {
    const id = await api.saveJob();
    api.orchestrator.down = true;
    const { status, body, headers } = await api.post(`/jobs/${id}/run`);
    api.orchestrator.down = false;
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(body).toMatchObject({ code: 'unavailable', hint: 'see /readyz' });
  });

  test('are deleted at once, and their entity does the rest', async () => {
    const id = await api.saveJob();
    expect((await api.send(`/api/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect(api.orchestrator.deleted).toEqual([id]);
    expect((await api.get(`/jobs/${id}`)).status).toBe(404);
    expect((await api.get('/jobs')).body.items.map((job: { id: string }) => job.id)).not.toContain(id);
    expect((await api.post(`/jobs/${id}/run`)).status).toBe(404);
    expect((await api.send('/api/v1/jobs/unknown', { method: 'DELETE' })).status).toBe(404);
  });

  test('are deleted at once while Temporal does not answer, and their entity is signalled by a repeated request', async () => {
    const id = await api.saveJob();
    api.orchestrator.down = true;
    expect((await api.send(`/api/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect((await api.get(`/jobs/${id}`)).status).toBe(404);
    expect(api.orchestrator.deleted).not.toContain(id);
    api.orchestrator.down = false;
    expect((await api.send(`/api/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect(api.orchestrator.deleted.at(-1)).toBe(id);
  });
});

describe('tasks', () => {
  test('are returned with the outputs of their steps, times in ISO 8601, and links', async () => {
    const id = await api.saveJob();
    const { taskId } = (await api.post(`/jobs/${id}/run`)).body;
    const steps = [
      { instance: 'greeter', state: 'success' as const },
      { instance: 'check', state: 'running' as const },
    ];
    await api.store.tasks.project(taskId, { runId: 'run-1', epoch: 2 }, { steps });
    await api.store.outputs.put(taskId, 1, 'greeter', { svcEndpoint: 'http://greeter:8080' });
    const { body } = await api.get(`/tasks/${taskId}`);
    expect(body).toMatchObject({ id: taskId, jobId: id, state: 'running' });
    expect(body.pipeline.map(({ instance }: { instance: string }) => instance)).toEqual(['greeter', 'check']);
    expect(body.times.requestedAt).toMatch(isoTime);
    expect(body.steps).toEqual([{ ...steps[0], outputs: { svcEndpoint: 'http://greeter:8080' } }, steps[1]]);
    expect((await api.get(body.links.job.replace('/api/v1', ''))).body.id).toBe(id);
    const { self, testFlow, flowRevision, logs, artifacts, testCases } = body.links;
    for (const link of [self, testFlow, flowRevision, logs, artifacts, testCases]) {
      expect((await api.send(link, {})).status).toBe(200);
    }
  });

  test('are listed by job, state and time', async () => {
    const id = await api.saveJob();
    const { taskId } = (await api.post(`/jobs/${id}/run`)).body;
    const ids = async (query: string) =>
      (await api.get(`/tasks?jobId=${id}${query}`)).body.items.map((task: { id: string }) => task.id);
    expect(await ids('')).toEqual([taskId]);
    expect(await ids('&state=running')).toEqual([taskId]);
    expect(await ids('&state=success')).toEqual([]);
    const at = Date.parse((await api.get(`/tasks/${taskId}`)).body.times.requestedAt);
    const since = (ms: number) => ids(`&since=${new Date(ms).toISOString()}`);
    expect(await since(at)).toEqual([taskId]);
    expect(await since(at + 1)).toEqual([]);
    // The same moment in a time zone one hour ahead of UTC.
    expect(
      await ids(`&since=${encodeURIComponent(new Date(at + 3_600_001).toISOString().replace('Z', '+01:00'))}`),
    ).toEqual([]);
  });

  test('are stopped with user and reason; a second stop reports that the task has ended', async () => {
    const id = await api.saveJob();
    const { taskId } = (await api.post(`/jobs/${id}/run`)).body;
    expect((await api.get('/tasks/unknown-1')).body.hint).toMatch(/a moment later/);
    expect((await api.post('/tasks/unknown-1/stop')).status).toBe(404);
    expect((await api.post(`/tasks/${taskId}/stop`, { reason: 'not needed' })).status).toBe(202);
    const { body } = await api.get(`/tasks/${taskId}`);
    expect(body).toMatchObject({ state: 'canceled', stop: { by: 'local', reason: 'not needed' } });
    const again = await api.post(`/tasks/${taskId}/stop`);
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(again.body.detail).toContain('canceled');
  });
});

test('openapi.json describes every path of the API', async () => {
  const { status, body } = await api.send('/openapi.json', {});
  expect(status).toBe(200);
  expect(Object.keys(body.paths).sort()).toEqual([
    '/api/v1/bisects',
    '/api/v1/bisects/{id}',
    '/api/v1/bisects/{id}/stop',
    '/api/v1/builds',
    '/api/v1/builds/{id}',
    '/api/v1/builds/{id}/logs',
    '/api/v1/deliveries',
    '/api/v1/deliveries/dry-run',
    '/api/v1/deliveries/{id}',
    '/api/v1/deliveries/{id}/replay',
    '/api/v1/globals',
    '/api/v1/groups',
    '/api/v1/groups/{id}',
    '/api/v1/jobs',
    '/api/v1/jobs/{id}',
    '/api/v1/jobs/{id}/bisect',
    '/api/v1/jobs/{id}/next',
    '/api/v1/jobs/{id}/pause',
    '/api/v1/jobs/{id}/resume',
    '/api/v1/jobs/{id}/run',
    '/api/v1/labels',
    '/api/v1/plugins',
    '/api/v1/plugins/rescan',
    '/api/v1/plugins/{name}',
    '/api/v1/plugins/{name}/labels/{label}',
    '/api/v1/plugins/{name}/{version}',
    '/api/v1/tasks',
    '/api/v1/tasks/{id}',
    '/api/v1/tasks/{id}/artifacts',
    '/api/v1/tasks/{id}/artifacts/content',
    '/api/v1/tasks/{id}/hold',
    '/api/v1/tasks/{id}/lockfile',
    '/api/v1/tasks/{id}/lockfile/compare',
    '/api/v1/tasks/{id}/logs',
    '/api/v1/tasks/{id}/pods',
    '/api/v1/tasks/{id}/release',
    '/api/v1/tasks/{id}/retry',
    '/api/v1/tasks/{id}/stop',
    '/api/v1/tasks/{id}/testcases',
    '/api/v1/testflows',
    '/api/v1/testflows/validate',
    '/api/v1/testflows/{id}',
    '/api/v1/testflows/{id}/compare',
    '/api/v1/testflows/{id}/copy',
    '/api/v1/testflows/{id}/revisions',
    '/api/v1/testflows/{id}/revisions/{n}',
    '/healthz',
    '/metrics',
    '/readyz',
    '/webhooks/github',
  ]);
});
