import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildId, buildStream } from '../../../src/model/build.ts';
import { writeBuildLog } from '../../../src/services/logs/build-log.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';
import { listen } from '../../support/programs/api/sse.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const commit = 'c'.repeat(40);

/** Starts a build that a task has joined. */
async function begin(name: string) {
  const image = `registry.invalid:5000/acme/${name}:${commit}`;
  const id = buildId(image);
  const { builds, logs } = api.store;
  await builds.join({ id, image, repo: `https://git.invalid/${name}.git`, commit }, `${name}-1`);
  await builds.begin(id, 'run-1');
  await builds.project(id, { runId: 'run-1', epoch: 2 }, { state: 'running', startedAt: new Date() });
  return {
    id,
    path: `/builds/${encodeURIComponent(id)}`,
    print: (...texts: string[]) =>
      writeBuildLog(logs, { stream: buildStream(id, 'run-1'), buildId: id, tried: 1 }, async (print) => {
        for (const text of texts) await print(text);
      }),
    end: () => builds.project(id, { runId: 'run-1', epoch: 3 }, { state: 'success', finishedAt: new Date() }),
  };
}

describe('builds', () => {
  test('are listed newest first and by state, with the tasks that need them', async () => {
    const one = await begin('one');
    const other = await begin('other');
    await one.end();
    const { items } = (await api.get('/builds?limit=2')).body;
    expect(items.map(({ id }: { id: string }) => id).sort()).toEqual([one.id, other.id].sort());
    expect((await api.get('/builds?state=success')).body.items).toMatchObject([{ id: one.id }]);
    const { body } = await api.get(other.path);
    expect(body).toMatchObject({
      id: `registry.invalid:5000~acme~other:${commit}`,
      image: `registry.invalid:5000/acme/other:${commit}`,
      state: 'running',
      taskIds: ['other-1'],
      links: { logs: `/api/v1${other.path}/logs` },
    });
  });

  test('return 404 for an unknown id, and 400 for an invalid state', async () => {
    for (const path of ['/builds/nothing', '/builds/nothing/logs']) expect((await api.get(path)).status).toBe(404);
    expect((await api.get('/builds?state=done')).status).toBe(400);
  });

  test('return their logs page by page, and live until they end', async () => {
    const build = await begin('logged');
    await build.print('Step 1/2', 'compiling');
    const first = (await api.get(`${build.path}/logs?limit=1`)).body;
    expect(first).toMatchObject({ items: [{ seq: 1, source: 'build', text: 'Step 1/2' }], ended: false });
    const second = (await api.get(`${build.path}/logs?after=${first.nextCursor}`)).body;
    expect(second).toMatchObject({ items: [{ seq: 2, text: 'compiling' }], ended: true });
    const live = await listen(api.api, `/api/v1${build.path}/logs`);
    expect(await live.lines(2)).toEqual(['Step 1/2', 'compiling']);
    await build.print('Successfully built');
    expect(await live.lines(1)).toEqual(['Successfully built']);
    await build.end();
    expect(await live.rest()).toEqual([]);
  });
});
