import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graph, openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let flowId: string;
beforeAll(async () => {
  api = await openApi();
  flowId = (await api.post('/testflows', { name: 'good', graph })).body.id;
});
afterAll(async () => {
  // Nothing that was rejected may be partially saved.
  expect((await api.get('/testflows')).body.items).toHaveLength(1);
  expect((await api.get('/jobs')).body.items).toHaveLength(0);
  await api.close();
});

describe('an invalid test flow is rejected with line and column of each issue', () => {
  const cases = [
    {
      what: 'broken YAML',
      graph: 'name: x\npipeline:\n  say: plugin: bash\n',
      line: 3,
      says: /./,
    },
    { what: 'an unknown plugin', graph: graph.replace('plugin: bash', 'plugin: bsah'), line: 7, says: /bsah/ },
    {
      what: 'an unknown plugin version',
      graph: graph.replace('plugin: bash', 'plugin: bash\n    version: v7.0.0'),
      line: 8,
      says: /v7\.0\.0/,
    },
    {
      what: 'a reference to a later step',
      graph:
        'pipeline:\n  a:\n    plugin: bash\n    input: {script: "{{b.x}}"}\n  b:\n    plugin: bash\n    input: {script: x}\n',
      line: 4,
      says: /b/,
    },
    {
      what: 'a reference to an unknown output of a plugin',
      graph: graph.replace('svcEndpoint', 'svcEndpiont'),
      line: 8,
      says: /svcEndpiont/,
    },
    {
      what: "an input that violates the plugin's JSON Schema",
      graph: graph.replace('replicas: 1', 'replicas: many'),
      line: 5,
      says: /replicas/,
    },
  ];
  test.each(cases)('a test flow with $what is rejected with line and column', async ({ graph: text, line, says }) => {
    for (const path of ['/testflows', '/testflows/validate']) {
      const { status, body, headers } = await api.post(path, { name: 'bad', graph: text });
      expect(status).toBe(422);
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(body).toMatchObject({
        type: '/docs/errors#flow_invalid',
        status: 422,
        code: 'flow_invalid',
        instance: `/api/v1${path}`,
        where: { line },
      });
      expect(body.errors[0]).toMatchObject({ line, column: expect.any(Number), message: expect.stringMatching(says) });
    }
  });

  test('several issues of a test flow are listed at once', async () => {
    const text = graph.replace('plugin: bash', 'plugin: bsah').replace('replicas: 1', 'replicas: many');
    const { body } = await api.post('/testflows', { name: 'bad', graph: text });
    expect(body.errors.map(({ line }: { line: number }) => line)).toEqual([5, 7]);
  });
});

describe('an invalid job or run is rejected with the path of each issue', () => {
  test('a job with an unknown test flow is rejected', async () => {
    const { status, body } = await api.post('/jobs', { name: 'bad', testFlowId: 'nowhere' });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'input_invalid', where: { path: 'testFlowId' } });
  });

  test.each(['--upload-pack=touch /tmp/x', '-x', 'a..b', 'a b', 'main~1', 'x.lock', '@{1}', 'a\nb'])(
    'a job with the invalid git ref "%s" is rejected',
    async (version) => {
      const { status, body } = await api.post('/jobs', {
        name: 'bad',
        testFlowId: flowId,
        versions: { 'greeter-deploy': version },
      });
      expect(status).toBe(422);
      expect(body).toMatchObject({ code: 'ref_invalid', errors: [{ path: 'versions["greeter-deploy"]' }] });
    },
  );

  test('a job with versions of plugins that the flow does not use is rejected', async () => {
    const versions = { greeter: 'main', 'greeter-deploy': '-x' };
    const { status, body } = await api.post('/jobs', { name: 'bad', testFlowId: flowId, versions });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: 'input_invalid',
      hint: 'its plugins are greeter-deploy, bash',
      errors: [{ path: 'versions.greeter' }, { path: 'versions["greeter-deploy"]' }],
    });
  });

  test('versions of a plugin without a repository are rejected when a job is saved, edited or run', async () => {
    const versions = { bash: 'main' };
    const errors = [{ path: 'versions.bash', message: expect.stringContaining('plugin bash has no repository') }];
    const job = { name: 'versions of bash', testFlowId: flowId };
    const answer = { status: 422, body: { code: 'input_invalid', errors } };
    expect(await api.post('/jobs', { ...job, versions })).toMatchObject(answer);
    const { id } = (await api.post('/jobs', job)).body;
    const headers = { 'content-type': 'application/json' };
    const put = { method: 'PUT', headers, body: JSON.stringify({ ...job, versions }) };
    expect(await api.send(`/api/v1/jobs/${id}`, put)).toMatchObject(answer);
    expect(await api.post(`/jobs/${id}/run`, { versions })).toMatchObject(answer);
    expect((await api.get(`/tasks?jobId=${id}`)).body.items).toEqual([]);
    await api.send(`/api/v1/jobs/${id}`, { method: 'DELETE' });
  });

  test('a run with invalid versions starts nothing', async () => {
    const other = await openApi();
    try {
      const id = await other.saveJob();
      const run = await other.post(`/jobs/${id}/run`, { versions: { 'greeter-deploy': '-x' } });
      expect(run).toMatchObject({ status: 422, body: { code: 'ref_invalid' } });
      expect((await other.post(`/jobs/${id}/run`, { versions: { nothing: '' } })).status).toBe(422);
      expect(other.orchestrator.runs).toEqual([]);
      expect(await other.post('/jobs/unknown/run')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    } finally {
      await other.close();
    }
  });
});

describe('an invalid request', () => {
  test('is rejected with all missing, invalid and unknown keys', async () => {
    const { status, body } = await api.post('/jobs', { name: 7, policy: { timeoutSeconds: 0 }, nmae: 'x' });
    expect(status).toBe(400);
    expect(body.code).toBe('invalid_request');
    const paths = body.errors.map(({ path }: { path: string }) => path).sort();
    expect(paths).toEqual(['name', 'nmae', 'policy.timeoutSeconds', 'testFlowId']);
  });

  test('is rejected with line and column of malformed JSON', async () => {
    const { status, body } = await api.post('/jobs', '{\n  "name": "x",\n  oops\n}');
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', where: { line: 3, column: 3 } });
    expect((await api.post('/jobs', '{"name": ')).body).toMatchObject({ where: { line: 1, column: 10 } });
    expect((await api.post('/jobs', '')).body).toMatchObject({ status: 400, code: 'invalid_request' });
    expect((await api.post('/jobs', '[]')).status).toBe(400);
  });

  test('is rejected when the body is not JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const answer = await api.post('/jobs', '{}', { 'content-type': type });
      expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    }
  });

  test('is rejected when the body exceeds 2 MB, with a length or in chunks', async () => {
    const large = JSON.stringify({ name: 'large', graph: 'x'.repeat(2_200_000) });
    const said = await api.post('/testflows', large, { 'content-length': String(large.length) });
    expect(said).toMatchObject({ status: 413, body: { code: 'too_large' } });
    const chunked = await api.send('/api/v1/testflows', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(chunked).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  test('is rejected when the path is unknown, or the method is not supported', async () => {
    expect(await api.get('/nothing')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const patch = await api.send(`/api/v1/testflows/${flowId}`, { method: 'PATCH' });
    expect(patch).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(patch.headers.get('allow')).toBe('GET, HEAD, PUT, DELETE');
    expect(patch.headers.get('content-type')).toBe('application/problem+json');
  });

  test.each([
    '/jobs?limit=0',
    '/jobs?limit=201',
    '/jobs?limit=x',
    '/jobs?cursor=x',
    '/jobs?page=2',
    '/tasks?state=done',
    '/tasks?since=yesterday',
    '/jobs?limit=1&limit=2',
  ])('is rejected when the query is invalid: %s', async (path) => {
    const { status, body } = await api.get(path);
    expect(status).toBe(400);
    expect(body.code).toBe('invalid_request');
    expect(path).toContain(body.where.path);
  });

  test('is rejected when the Idempotency-Key has invalid characters', async () => {
    const answer = await api.post('/jobs/x/run', {}, { 'idempotency-key': 'a b' });
    expect(answer).toMatchObject({ status: 400, body: { where: { path: 'idempotency-key' } } });
  });
});
