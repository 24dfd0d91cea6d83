import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { BuildRequest } from '../../src/build/images/build-image.ts';
import { readLogs } from '../../src/logs/read.ts';
import { Fault } from '../../src/model/fault.ts';
import { type EnsureImagePorts, ensureImage } from '../../src/tasks/ensure-image.ts';
import { openStore, type TestStore } from '../store/open-store.ts';
import { aTask } from '../store/records.ts';
import { bash, greeter } from './plugins.ts';

const commit = 'c'.repeat(40);
let opened: TestStore;
let folder: string;
let taskId: string;
let count = 0;
/** The engine's images, and what was asked of git and the builder. */
let images: Set<string>;
let archived: unknown[];
let built: BuildRequest[];
beforeAll(async () => {
  opened = await openStore();
  folder = await mkdtemp(join(tmpdir(), 'brightbird-archive-'));
  const own = { context: 'server', dockerfile: 'Containerfile', args: { A: '1' } };
  await opened.store.plugins.replaceAll([bash, greeter('v1.0.0'), greeter('v2.0.0', { build: own })]);
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  count += 1;
  [images, archived, built] = [new Set(), [], []];
  const pipeline = [
    { instance: 'g', plugin: 'greeter-deploy', version: 'v1.0.0', input: {} },
    { instance: 'b', plugin: 'bash', version: 'v1.0.0', input: {} },
    { instance: 'lost', plugin: 'lost-deploy', version: 'v1.0.0', input: {} },
  ];
  taskId = (await opened.store.tasks.open(aTask('image', count, { pipeline }), () => `image-${count}`)).id;
});

const tarPath = () => join(folder, `${taskId}.tar`);

function ensure(plugin = 'greeter-deploy', build: (request: BuildRequest) => Promise<void> = async () => undefined) {
  const ports: EnsureImagePorts = {
    ...opened.store,
    log: pino({ level: 'silent' }),
    registry: 'registry.invalid',
    repositories: {
      resolve: async () => ({ commit }),
      newestTag: async () => 'v1.0.0',
      async archive(...request) {
        archived.push(request.slice(0, 3));
        await writeFile(tarPath(), 'tar');
        return tarPath();
      },
    },
    images: {
      find: async (image) => images.has(image),
      async build(request) {
        built.push(request);
        await access(request.tarPath);
        await request.onOutput('Step 1/2 : FROM base');
        await build(request);
        await request.onOutput('Successfully built');
        images.add(request.image);
        return { imageId: 'sha256:1' };
      },
    },
  };
  const request = { taskId, attempt: 1, plugin, commit, build: `build/${taskId}/1` };
  return ensureImage(ports, request, new AbortController().signal);
}

const log = async () => (await readLogs(opened.store.logs, { taskId, limit: 100 })).items;

describe('the image of a component', () => {
  test('that exists is used: nothing is fetched, built or logged', async () => {
    const image = `registry.invalid/greeter:${commit}`;
    images.add(image);
    expect(await ensure()).toEqual({ image, built: false });
    expect([archived, built, await log()]).toEqual([[], [], []]);
  });

  test('that is missing is built from its repository at the commit, and what the build printed is a log of the task', async () => {
    const image = `registry.invalid/greeter:${commit}`;
    expect(await ensure()).toEqual({ image, built: true });
    expect(archived).toEqual([['https://git.invalid/greeter.git', commit, '.']]);
    expect(built).toMatchObject([
      { image, commit, repo: 'https://git.invalid/greeter.git', recipe: { dockerfile: 'Dockerfile' } },
    ]);
    expect(await log()).toMatchObject([
      { seq: 1, source: 'build:greeter-deploy', attempt: 1, text: 'Step 1/2 : FROM base' },
      { seq: 2, source: 'build:greeter-deploy', attempt: 1, text: 'Successfully built' },
    ]);
    expect(await ensure()).toEqual({ image, built: false });
    await expect(access(tarPath())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('whose build fails has all that it printed on record, and its files are removed', async () => {
    const failure = new Fault('build_failed', 'step 2 failed');
    const failing = ensure('greeter-deploy', async ({ onOutput }) => {
      await onOutput('error: no such file');
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    const texts = (await log()).map((item) => 'text' in item && item.text);
    expect(texts).toEqual(['Step 1/2 : FROM base', 'error: no such file']);
    await expect(access(tarPath())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is made by the recipe of the version that the task uses, which its name tells apart', async () => {
    const pipeline = [{ instance: 'g', plugin: 'greeter-deploy', version: 'v2.0.0', input: {} }];
    taskId = (await opened.store.tasks.open(aTask('recipe', count, { pipeline }), () => `recipe-${count}`)).id;
    const { image } = await ensure();
    expect(image).toMatch(new RegExp(`^registry\\.invalid/greeter:${commit}-[0-9a-f]{8}$`));
    expect(archived).toEqual([['https://git.invalid/greeter.git', commit, 'server']]);
    expect(built).toMatchObject([{ recipe: { dockerfile: 'Containerfile', args: { A: '1' } } }]);
  });
});

describe('an image cannot be had', () => {
  test.each([
    ['that is gone from the plugin store', 'lost-deploy'],
    ['that names no repository', 'bash'],
  ])('of a plugin %s: the fault names it and its version', async (_name, plugin) => {
    const refused = { code: 'plugin_invalid', message: expect.stringContaining(`${plugin} v1.0.0`) };
    await expect(ensure(plugin)).rejects.toMatchObject(refused);
    expect(await log()).toEqual([]);
  });

  test('for a task that has no record', async () => {
    taskId = 'nobody-1';
    await expect(ensure()).rejects.toMatchObject({ code: 'not_found' });
  });
});
