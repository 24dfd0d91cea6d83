import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graph, openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let id: string;
const second = graph.replace('replicas: 1', 'replicas: 2');
beforeAll(async () => {
  api = await openApi();
  id = (await api.post('/testflows', { name: 'kept', graph, description: 'first' })).body.id;
  await edit({ graph: second, globalProperties: { user: 'ann' } });
  await edit({ graph: second, globalProperties: { user: 'ann' }, name: 'renamed', description: 'third' });
});
afterAll(() => api.close());

const edit = (change: object) =>
  api.send(`/api/v1/testflows/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'kept', graph, description: 'first', ...change }),
  });

describe('revisions of a test flow', () => {
  test('are listed newest first, with user and time', async () => {
    const { items } = (await api.get(`/testflows/${id}/revisions`)).body;
    const at = expect.stringMatching(/^\d{4}-.+Z$/);
    expect(items).toEqual([
      {
        testFlowId: id,
        revision: 3,
        name: 'renamed',
        description: 'third',
        globalProperties: { user: 'ann' },
        by: 'local',
        at,
      },
      {
        testFlowId: id,
        revision: 2,
        name: 'kept',
        description: 'first',
        globalProperties: { user: 'ann' },
        by: 'local',
        at,
      },
      { testFlowId: id, revision: 1, name: 'kept', description: 'first', globalProperties: {}, by: 'local', at },
    ]);
  });

  test('are returned as they were saved, including the newest', async () => {
    const revision = async (n: number) => (await api.get(`/testflows/${id}/revisions/${n}`)).body;
    expect(await revision(1)).toMatchObject({ revision: 1, name: 'kept', graph, globalProperties: {} });
    expect(await revision(2)).toMatchObject({ revision: 2, name: 'kept', graph: second });
    expect(await revision(3)).toMatchObject({ revision: 3, name: 'renamed', graph: second });
  });

  test('return 404 for an unknown number, and 400 for an invalid number', async () => {
    expect(await api.get(`/testflows/${id}/revisions/4`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await api.get('/testflows/nothing/revisions/1')).status).toBe(404);
    expect((await api.get('/testflows/nothing/revisions')).status).toBe(404);
    for (const n of ['0', '-1', 'x', '1.5'])
      expect((await api.get(`/testflows/${id}/revisions/${n}`)).status).toBe(400);
  });
});

describe('a comparison of two revisions', () => {
  test('is a line diff of each field that differs', async () => {
    const { status, body } = await api.get(`/testflows/${id}/compare?from=1&to=2`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ from: { revision: 1, by: 'local' }, to: { revision: 2 } });
    const patches = Object.fromEntries(
      body.changes.map(({ field, patch }: { field: string; patch: string }) => [field, patch.split('\n')]),
    );
    expect(Object.keys(patches)).toEqual(['globalProperties', 'graph']);
    expect(patches.graph).toEqual([
      '--- revision 1/graph',
      '+++ revision 2/graph',
      '@@ -2,7 +2,7 @@',
      ' pipeline:',
      '   greeter:',
      '     plugin: greeter-deploy',
      '-    input: {replicas: 1}',
      '+    input: {replicas: 2}',
      '   check:',
      '     plugin: bash',
      '     input: {script: "echo {{greeter.svcEndpoint}}"}',
      '',
    ]);
    expect(patches.globalProperties).toContain('+user: ann');
  });

  test('works in both directions, and is empty for equal revisions', async () => {
    const back = (await api.get(`/testflows/${id}/compare?from=3&to=2`)).body.changes;
    expect(back.map(({ field }: { field: string }) => field)).toEqual(['name', 'description']);
    expect(back[0].patch).toBe('--- revision 3/name\n+++ revision 2/name\n@@ -1,1 +1,1 @@\n-renamed\n+kept\n');
    expect((await api.get(`/testflows/${id}/compare?from=2&to=2`)).body.changes).toEqual([]);
  });

  test('requires two existing revisions', async () => {
    expect((await api.get(`/testflows/${id}/compare?from=1`)).status).toBe(400);
    const missing = await api.get(`/testflows/${id}/compare?from=1&to=9`);
    expect(missing).toMatchObject({ status: 404, body: { detail: `revision 9 of test flow ${id} does not exist` } });
  });

  test('is rejected for two large texts without a common line, which would take minutes', async () => {
    const large = (word: string) =>
      `${Array.from({ length: 30_000 }, (_, n) => `# ${word} ${n}`).join('\n')}\n${graph}`;
    const flow = (await api.post('/testflows', { name: 'large', graph: large('one') })).body;
    await api.store.flows.replace({ ...flow, updatedAt: new Date() }, { ...flow, graph: large('two'), revision: 2 });
    const answer = await api.get(`/testflows/${flow.id}/compare?from=1&to=2`);
    expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });
});
