import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graph, openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const patch = (id: string, body: unknown) =>
  api.send(`/api/v1/groups/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const remove = (path: string) => api.send(`/api/v1${path}`, { method: 'DELETE' });
const groups = async () => (await api.get('/groups')).body.items;

describe('groups of test flows', () => {
  test('are created, and listed with the number of their flows', async () => {
    const chain = await api.post('/groups', { name: 'chain', description: 'nodes and wallets' });
    expect(chain).toMatchObject({ status: 201, body: { name: 'chain', description: 'nodes and wallets' } });
    await api.post('/groups', { name: 'empty' });
    for (const name of ['one', 'two'])
      await api.post('/testflows', { name: `in-${name}`, graph, groupId: chain.body.id });
    await api.post('/testflows', { name: 'in-no-group', graph });
    const listed = (await groups()).map((one: { name: string; testFlowCount: number }) => [
      one.name,
      one.testFlowCount,
    ]);
    expect(listed.sort()).toEqual([
      ['chain', 2],
      ['empty', 0],
    ]);
  });

  test('are listed page by page', async () => {
    const first = await api.get('/groups?limit=1');
    expect(first.body.items).toHaveLength(1);
    const second = await api.get(`/groups?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body.items[0].name).not.toBe(first.body.items[0].name);
    expect(second.body.nextCursor).toBeUndefined();
  });

  test('can be renamed and described independently', async () => {
    const { id } = (await api.post('/groups', { name: 'olde', description: 'kept' })).body;
    expect(await patch(id, { name: 'new' })).toMatchObject({
      status: 200,
      body: { id, name: 'new', description: 'kept' },
    });
    expect((await patch(id, { description: 'said' })).body).toMatchObject({ name: 'new', description: 'said' });
    expect((await groups()).map(({ name }: { name: string }) => name)).toContain('new');
  });

  test('need unique names at creation and at renaming', async () => {
    const { id } = (await api.post('/groups', { name: 'first' })).body;
    const taken = { status: 409, body: { code: 'conflict', where: { path: 'name' } } };
    expect(await api.post('/groups', { name: 'first' })).toMatchObject(taken);
    await api.post('/groups', { name: 'second' });
    expect(await patch(id, { name: 'second' })).toMatchObject(taken);
    expect((await patch(id, { name: 'first' })).status).toBe(200);
  });

  test('are deleted only without flows; otherwise the response names the flows', async () => {
    const { id } = (await api.post('/groups', { name: 'in-use' })).body;
    const flow = (await api.post('/testflows', { name: 'holds-it', graph, groupId: id })).body;
    const refused = await remove(`/groups/${id}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(refused.body.detail).toBe('group in-use has the test flows holds-it');
    expect((await remove(`/testflows/${flow.id}`)).status).toBe(204);
    expect((await remove(`/groups/${id}`)).status).toBe(204);
    expect((await groups()).map((group: { id: string }) => group.id)).not.toContain(id);
  });

  test.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: '   ' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ name: 'x', isShow: true }, 'isShow'],
  ])('cannot be created from %j', async (body, path) => {
    expect(await api.post('/groups', body)).toMatchObject({ status: 400, body: { where: { path } } });
  });

  test('cannot be edited, deleted or assigned to a flow if unknown', async () => {
    expect((await patch('nothing', { name: 'x' })).status).toBe(404);
    expect((await remove('/groups/nothing')).status).toBe(404);
    for (const path of ['/testflows', '/testflows/validate']) {
      const answer = await api.post(path, { name: 'homeless', graph, groupId: 'nothing' });
      expect(answer).toMatchObject({ status: 422, body: { code: 'input_invalid', where: { path: 'groupId' } } });
    }
    expect((await api.get('/testflows?name=homeless')).body.items).toEqual([]);
  });
});
