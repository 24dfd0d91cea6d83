import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let count = 0;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

/** Uploads versions of a new plugin. Returns its name. */
async function upload(versions: string[], more: object = {}): Promise<string> {
  count += 1;
  const name = `plugin-${count}`;
  const form = new FormData();
  for (const version of versions) {
    const content = JSON.stringify({ name, version, pluginType: 'Exec', ...more });
    form.append('plugin', new Blob([content]), version);
  }
  expect((await api.send('/api/v1/plugins', { method: 'POST', body: form })).status).toBe(201);
  return name;
}
const change = (method: string, path: string) => api.send(`/api/v1${path}`, { method });
const names = ({ body }: { body: { items: { name: string }[] } }) => [...new Set(body.items.map(({ name }) => name))];

test('GET /plugins filters by type and by label', async () => {
  const name = await upload(['v1.0.0'], { labels: ['chain'] });
  expect(names(await api.get('/plugins?type=Deployer'))).toEqual(['greeter-deploy']);
  expect(names(await api.get('/plugins?label=chain'))).toEqual([name]);
  expect(names(await api.get('/plugins?label=chain&type=Deployer'))).toEqual([]);
  expect((await api.get('/plugins?type=Both')).status).toBe(400);
});

test('a label is added to all versions and removed again, including a label that the plugin declares', async () => {
  const name = await upload(['v1.0.0', 'v2.0.0'], { labels: ['brought'] });
  const labels = async () => (await api.get(`/plugins/${name}`)).body.labels;
  for (const label of ['smoke', 'smoke', encodeURIComponent('mein Team')]) {
    expect((await change('PUT', `/plugins/${name}/labels/${label}`)).status).toBe(204);
  }
  expect(await labels()).toEqual(['brought', 'mein Team', 'smoke']);
  const all = await api.get('/labels');
  expect(all.body.items).toContainEqual({ label: 'mein Team', plugins: [name] });
  expect((await change('DELETE', `/plugins/${name}/labels/brought`)).status).toBe(204);
  expect((await api.post('/plugins/rescan')).status).toBe(200);
  expect(await labels()).toEqual(['mein Team', 'smoke']);
});

test('a label of an unknown plugin and an invalid label are rejected', async () => {
  expect((await change('PUT', '/plugins/unknown/labels/x')).status).toBe(404);
  const bad = await change('PUT', `/plugins/bash/labels/${encodeURIComponent(' x')}`);
  expect(bad).toMatchObject({ status: 400, body: { where: { path: 'label' } } });
});

test('deleting a version deletes its file, deleting all versions deletes their labels', async () => {
  const name = await upload(['v1.0.0', 'v2.0.0', 'v3.0.0']);
  const { file } = (await api.get(`/plugins/${name}/v3.0.0`)).body;
  await change('PUT', `/plugins/${name}/labels/mine`);
  expect((await change('DELETE', `/plugins/${name}/v3.0.0`)).status).toBe(204);
  await expect(access(join(api.directory, file))).rejects.toThrow();
  expect((await change('DELETE', `/plugins/${name}/v3.0.0`)).status).toBe(404);
  expect((await change('DELETE', `/plugins/${name}`)).status).toBe(204);
  expect((await change('DELETE', `/plugins/${name}`)).status).toBe(404);
  const { body } = await api.get('/labels');
  expect(body.items.map(({ label }: { label: string }) => label)).not.toContain('mine');
  await api.post('/plugins/rescan');
  expect((await api.get(`/plugins/${name}`)).status).toBe(404);
});

test('deleting a version that test flows use is rejected with the names of the flows', async () => {
  const name = await upload(['v1.0.0', 'v2.0.0']);
  const flow = await api.post('/testflows', {
    name: `uses-${name}`,
    graph: `pipeline: {first: {plugin: ${name}, version: v1.0.0}, second: {plugin: ${name}}}`,
  });
  const refused = await change('DELETE', `/plugins/${name}/v1.0.0`);
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict', where: { step: 'first' } } });
  expect(refused.body.detail).toBe(
    `it is in use by test flow uses-${name} (${flow.body.id}): step first runs ${name} v1.0.0`,
  );
  // A step without a version runs with the remaining one.
  expect((await change('DELETE', `/plugins/${name}/v2.0.0`)).status).toBe(204);
  const all = await change('DELETE', `/plugins/${name}`);
  expect(all.body.errors.map(({ step }: { step: string }) => step)).toEqual(['first', 'second']);
});

test('deleting a version is rejected while a task that may need a new runner uses it', async () => {
  const name = await upload(['v1.0.0']);
  const pipeline = [{ instance: 'it', plugin: name, version: 'v1.0.0', input: {} }];
  const task = aTask('uses', count, { state: 'running', pipeline });
  await api.store.tasks.open(task, () => `abcd${count}`);
  const refused = await change('DELETE', `/plugins/${name}`);
  expect(refused.body.detail).toBe(`it is in use by task ${task.id}: step it runs ${name} v1.0.0`);
  await api.store.tasks.project(task.id, { runId: task.runId, epoch: 1000 }, { state: 'success' });
  expect((await change('DELETE', `/plugins/${name}`)).status).toBe(204);
});

test('built-in plugins cannot be deleted', async () => {
  for (const path of ['/plugins/bash', '/plugins/bash/v1.0.0']) {
    const { status, body } = await change('DELETE', path);
    expect({ status, detail: body.detail }).toEqual({
      status: 409,
      detail: 'plugin bash v1.0.0 is built in and cannot be deleted',
    });
  }
});

test('deleting a declarative plugin deletes only its folder in the store', async () => {
  await mkdir(join(api.directory, 'web', 'templates'), { recursive: true });
  await mkdir(join(api.directory, 'other'));
  const yaml = (name: string) =>
    `name: ${name}\nversion: v1.0.0\npluginType: Deployer\nservice: {image: x, ports: [{port: 80}]}\n`;
  await writeFile(join(api.directory, 'web', 'plugin.yaml'), yaml('web'));
  await writeFile(join(api.directory, 'other', 'plugin.yaml'), yaml('other'));
  await api.post('/plugins/rescan');
  expect((await change('DELETE', '/plugins/web')).status).toBe(204);
  await expect(access(join(api.directory, 'web'))).rejects.toThrow();
  await access(join(api.directory, 'other', 'plugin.yaml'));
});
