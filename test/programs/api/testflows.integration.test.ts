import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { graph, openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const put = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  api.send(`/api/v1/testflows/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const remove = (id: string) => api.send(`/api/v1/testflows/${id}`, { method: 'DELETE' });
const save = async (name: string, more: object = {}) => (await api.post('/testflows', { name, graph, ...more })).body;
const names = async (query: string) =>
  (await api.get(`/testflows?${query}`)).body.items.map(({ name }: { name: string }) => name);

describe('editing a test flow', () => {
  test('saves its next revision with user and time', async () => {
    const before = await save('edited', { description: 'first' });
    const edited = await put(before.id, {
      name: 'edited',
      graph: `# second\n${graph}`,
      globalProperties: { user: 'ann' },
    });
    expect(edited).toMatchObject({
      status: 200,
      body: { id: before.id, revision: 2, description: '', globalProperties: { user: 'ann' }, updatedBy: 'local' },
    });
    expect(edited.headers.get('etag')).toBe('"2"');
    expect(edited.body.createdAt).toBe(before.createdAt);
    expect((await api.get(`/testflows/${before.id}`)).body).toEqual(edited.body);
  });

  test('keeps its revision when nothing changes', async () => {
    const before = await save('unchanged', { globalProperties: { a: 1, b: 2 } });
    const same = await put(before.id, { name: 'unchanged', graph, globalProperties: { b: 2, a: 1 } });
    expect(same).toMatchObject({ status: 200, body: before });
  });

  test('moves it to a group, or out of its group', async () => {
    const { id: groupId } = (await api.post('/groups', { name: 'goal' })).body;
    const { id } = await save('mover');
    expect((await put(id, { name: 'mover', graph, groupId })).body.groupId).toBe(groupId);
    expect(await names(`groupId=${groupId}`)).toEqual(['mover']);
    expect((await put(id, { name: 'mover', graph })).body.groupId).toBeUndefined();
    expect(await names(`groupId=${groupId}`)).toEqual([]);
  });

  test('also renames it in the YAML, unless the graph is edited', async () => {
    const text = graph.replace('name: smoke', 'name: old-name # its name');
    const { id } = await save('old-name', { graph: text });
    expect((await put(id, { name: 'new-name', graph: text })).body.graph).toBe(text.replace('old-name', 'new-name'));
    const edited = `# manually\n${text}`;
    expect((await put(id, { name: 'newer-name', graph: edited })).body.graph).toBe(edited);
  });

  test('is rejected without changes when another flow has the name', async () => {
    await save('taken');
    const before = await save('free');
    expect(await put(before.id, { name: 'taken', graph })).toMatchObject({
      status: 409,
      body: { code: 'conflict', where: { path: 'name' } },
    });
    expect((await api.get(`/testflows/${before.id}`)).body).toEqual(before);
    expect((await api.get(`/testflows/${before.id}/revisions`)).body.items).toHaveLength(1);
  });

  test('is rejected without changes, with the places of the issues', async () => {
    const before = await save('correct');
    const wrong = await put(before.id, { name: 'correct', graph: graph.replace('plugin: bash', 'plugin: bsah') });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'flow_invalid', where: { line: 7, column: 13 } } });
    const homeless = await put(before.id, { name: 'correct', graph, groupId: 'nowhere' });
    expect(homeless).toMatchObject({ status: 422, body: { where: { path: 'groupId' } } });
    expect((await put(before.id, { graph })).status).toBe(400);
    expect((await api.get(`/testflows/${before.id}`)).body).toEqual(before);
    expect((await put('nothing', { name: 'xyz', graph })).status).toBe(404);
  });
});

describe('an edit of an outdated revision', () => {
  test.each([
    ['by If-Match', {}, { 'if-match': '"1"' }],
    ['by the field revision', { revision: 1 }, {}],
  ])('is rejected %s', async (how, body, headers) => {
    const { id } = await save(`stale ${how}`);
    const mine = { name: `stale ${how}`, graph, description: 'mine', ...body };
    const others = { ...mine, description: "another author's" };
    expect((await put(id, others, headers)).status).toBe(200);
    const stale = await put(id, mine, headers);
    expect(stale).toMatchObject({ status: 409, body: { code: 'conflict', where: { path: 'revision' } } });
    expect(stale.body.detail).toBe(`test flow stale ${how} is at revision 2, but this edit is based on revision 1`);
    expect((await api.get(`/testflows/${id}`)).body.description).toBe("another author's");
  });

  test('is rejected for nine of ten concurrent edits', async () => {
    const { id } = await save('raced');
    const edits = Array.from({ length: 10 }, (_, n) =>
      put(id, { name: 'raced', graph, description: `edit ${n}`, revision: 1 }),
    );
    const answers = await Promise.all(edits);
    const saved = answers.filter(({ status }) => status === 200);
    expect(saved).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    expect((await api.get(`/testflows/${id}`)).body).toEqual(saved[0]?.body);
  });

  test('is accepted without a revision: all of ten concurrent edits become revisions', async () => {
    const { id } = await save('unguarded');
    const edits = Array.from({ length: 10 }, (_, n) => put(id, { name: 'unguarded', graph, description: `edit ${n}` }));
    expect((await Promise.all(edits)).map(({ status }) => status)).toEqual(Array(10).fill(200));
    const { items } = (await api.get(`/testflows/${id}/revisions`)).body;
    expect(items.map(({ revision }: { revision: number }) => revision)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(new Set(items.map(({ description }: { description: string }) => description)).size).toBe(11);
  });

  test.each(['3', '"x"', '"0"', '*'])('is rejected with the invalid If-Match: %s', async (tag) => {
    const answer = await put('any', { name: 'any', graph }, { 'if-match': tag });
    expect(answer).toMatchObject({ status: 400, body: { where: { path: 'if-match' } } });
  });
});

describe('a copy of a test flow', () => {
  test('has the new name, also in its YAML, and is otherwise equal', async () => {
    const { id: groupId } = (await api.post('/groups', { name: 'copies' })).body;
    const text = `# owned by team A\nname:   'smoke'   # short\n${graph.split('\n').slice(1).join('\n')}`;
    const from = await save('original', { graph: text, globalProperties: { a: 1 }, description: 'why', groupId });
    const copy = await api.post(`/testflows/${from.id}/copy`, { name: 'the copy' });
    expect(copy).toMatchObject({
      status: 201,
      body: { name: 'the copy', revision: 1, globalProperties: { a: 1 }, description: 'why', groupId },
    });
    expect(copy.headers.get('location')).toBe(`/api/v1/testflows/${copy.body.id}`);
    expect(copy.body.graph).toBe(text.replace("'smoke'", 'the copy'));
    expect((await api.get(`/testflows/${from.id}`)).body).toEqual(from);
  });

  test('can be in another group', async () => {
    const { id: groupId } = (await api.post('/groups', { name: 'other' })).body;
    const { id } = await save('to-copy');
    expect((await api.post(`/testflows/${id}/copy`, { name: 'elsewhere', groupId })).body.groupId).toBe(groupId);
    const nowhere = await api.post(`/testflows/${id}/copy`, { name: 'nowhere', groupId: 'nothing' });
    expect(nowhere).toMatchObject({ status: 422, body: { where: { path: 'groupId' } } });
  });

  test('needs a unique name', async () => {
    const { id } = await save('copied-from');
    await save('other-flow');
    for (const name of ['copied-from', 'other-flow']) {
      expect(await api.post(`/testflows/${id}/copy`, { name })).toMatchObject({
        status: 409,
        body: { where: { path: 'name' } },
      });
    }
    expect((await api.post(`/testflows/${id}/copy`, {})).status).toBe(400);
    expect((await api.post('/testflows/nothing/copy', { name: 'xyz' })).status).toBe(404);
  });
});

describe('deleting a test flow', () => {
  test('removes it and frees its name', async () => {
    const { id } = await save('deleted');
    expect((await remove(id)).status).toBe(204);
    expect((await api.get(`/testflows/${id}`)).status).toBe(404);
    expect((await api.get(`/testflows/${id}/revisions`)).status).toBe(404);
    expect((await remove(id)).status).toBe(404);
    expect((await api.post('/testflows', { name: 'deleted', graph })).status).toBe(201);
  });

  test('is rejected with the names of jobs that use it', async () => {
    const { id } = await save('used');
    const jobs = [];
    for (const name of ['nightly', 'merges']) jobs.push((await api.post('/jobs', { name, testFlowId: id })).body.id);
    const refused = await remove(id);
    expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(refused.body.detail).toMatch(/^test flow used is used by jobs (nightly, merges|merges, nightly)$/);
    for (const job of jobs) await api.send(`/api/v1/jobs/${job}`, { method: 'DELETE' });
    expect((await remove(id)).status).toBe(204);
  });

  test('keeps only the revisions that tasks ran', async () => {
    const { id } = await save('ran');
    for (const n of [2, 3]) await put(id, { name: 'ran', graph, description: `revision ${n}` });
    await api.store.tasks.open(aTask('ran-by', 1, { testFlowId: id, flowRevision: 2 }), (n) => `ran-${n}`);
    expect((await remove(id)).status).toBe(204);
    const { items } = (await api.get(`/testflows/${id}/revisions`)).body;
    expect(items.map(({ revision }: { revision: number }) => revision)).toEqual([2]);
    expect((await api.get(`/testflows/${id}/revisions/2`)).body).toMatchObject({ description: 'revision 2', graph });
  });
});

test('GET /testflows filters by a part of the name, ignoring case, not as a pattern', async () => {
  for (const name of ['Login smoke', 'login (full)', 'logout']) await save(name);
  expect((await names('name=LOGIN')).sort()).toEqual(['Login smoke', 'login (full)']);
  expect(await names('name=(full)')).toEqual(['login (full)']);
  expect(await names('name=log.n')).toEqual([]);
  expect(await names(`name=${encodeURIComponent('[')}`)).toEqual([]);
});
