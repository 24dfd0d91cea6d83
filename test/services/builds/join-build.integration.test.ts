import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { BuildInput } from '../../../src/model/build.ts';
import { forgetTask } from '../../../src/services/builds/forget-task.ts';
import { type JoinBuildPorts, joinBuild } from '../../../src/services/builds/join-build.ts';
import { runBuild } from '../../../src/services/builds/run-build.ts';
import { settleLostBuilds } from '../../../src/services/builds/settle-lost-builds.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { commit, digest, scriptedParts } from '../../support/services/builds/parts.ts';
import { bash, greeter } from '../../support/services/tasks/plugins.ts';

let opened: TestStore;
let parts: ReturnType<typeof scriptedParts>;
/** Temporal's runs of builds: the current one, and the inputs of all. */
let currentRun: string | undefined;
let joins: BuildInput[];
let ports: JoinBuildPorts;
let count = 0;
beforeAll(async () => {
  opened = await openStore();
  const own = { context: 'server', dockerfile: 'Containerfile', args: { A: '1' } };
  await opened.store.plugins.replaceAll([bash, greeter('v1.0.0'), greeter('v2.0.0', { build: own })]);
});
afterAll(() => opened.close());
beforeEach(() => {
  parts = scriptedParts();
  count += 1;
  [currentRun, joins] = [undefined, []];
  ports = {
    ...opened.store,
    ...parts,
    registry: `registry-${count}.invalid`,
    buildWorkflows: {
      async join(input) {
        joins.push(input);
        currentRun ??= `run-${count}-${joins.length}`;
        return currentRun;
      },
      running: async () => currentRun,
    },
  };
});

async function aTaskOf(name: string, version = 'v1.0.0'): Promise<string> {
  const pipeline = ['greeter-deploy', 'bash', 'lost-deploy'].map((plugin) => {
    return { instance: plugin, plugin, version, input: {} };
  });
  return (await opened.store.tasks.open(aTask(name, count, { pipeline }), () => `${name}-${count}`)).id;
}

const { signal } = new AbortController();
const waiter = { workflowId: 'task/x', runId: 'r' };
const ask = (taskId: string, joined?: string, plugin = 'greeter-deploy') =>
  joinBuild(ports, { taskId, attempt: 1, plugin, commit, ...(joined !== undefined && { joined }) }, waiter, signal);
const texts = async (taskId: string) =>
  (await readLogs(opened.store.logs, { taskId, limit: 100 })).items.map(({ source, ...item }) => [
    source,
    'text' in item && item.text,
  ]);
const build = async (runId: string) => {
  const [input] = joins;
  if (!input) throw new Error('no task has joined a build');
  await runBuild({ ...ports, ...parts }, input, { runId, tried: 1 }, new AbortController().signal);
};

describe('joinBuild', () => {
  test('joinBuild returns an existing image and starts, records and shows no build', async () => {
    const image = `${ports.registry}/greeter:${commit}`;
    parts.made.add(image);
    const taskId = await aTaskOf('exists');
    expect(await ask(taskId)).toEqual({ image, digest });
    expect([joins, await opened.store.logs.streams(taskId)]).toEqual([[], []]);
  });

  test('joinBuild returns name and digest of an image in a later registry', async () => {
    const found = { digest, image: `mirror.invalid/greeter:${commit}` };
    const images = { ...parts.images, find: async () => found };
    const request = { taskId: await aTaskOf('mirror'), attempt: 1, plugin: 'greeter-deploy', commit };
    expect(await joinBuild({ ...ports, images }, request, waiter, signal)).toEqual(found);
    expect(joins).toEqual([]);
  });

  test('joinBuild joins all tasks to one build of a missing image with one log, and is idempotent', async () => {
    const [one, other] = [await aTaskOf('one'), await aTaskOf('other')];
    const id = `${ports.registry}~greeter:${commit}`;
    const expected = { image: `${ports.registry}/greeter:${commit}`, build: { id, runId: `run-${count}-1` } };
    for (const taskId of [one, other, one]) expect(await ask(taskId)).toEqual(expected);
    await build(expected.build.runId);
    const lines = [`Step 1/2 : ${expected.image}`, 'Successfully built'];
    const shown = lines.map((text) => ['build:greeter-deploy', text]);
    expect([await texts(one), await texts(other)]).toEqual([shown, shown]);
    expect(await opened.store.builds.get(id)).toMatchObject({ taskIds: [one, other], commit });
  });

  test('joinBuild does nothing for a waiter while its build runs, and joins a new build if it is gone', async () => {
    const taskId = await aTaskOf('again');
    await ask(taskId);
    const first = currentRun;
    expect(await ask(taskId, first)).toMatchObject({ build: { runId: first } });
    expect(joins).toHaveLength(1);
    currentRun = undefined;
    expect(await ask(taskId, first)).toMatchObject({ build: { runId: `run-${count}-2` } });
    parts.made.add(`${ports.registry}/greeter:${commit}`);
    currentRun = undefined;
    expect(await ask(taskId, `run-${count}-2`)).not.toHaveProperty('build');
  });

  test('joinBuild uses the recipe of the plugin version of the task, which changes the name of the image', async () => {
    const { image } = await ask(await aTaskOf('recipe', 'v2.0.0'));
    expect(image).toMatch(new RegExp(`/greeter:${commit}-[0-9a-f]{8}$`));
    expect(joins).toMatchObject([{ recipe: { dockerfile: 'Containerfile', context: 'server', args: { A: '1' } } }]);
  });

  test('joinBuild names the image by base image and proxy if it uses them, and passes the base image to the build', async () => {
    const taskId = await aTaskOf('base');
    const names = new Set<string>();
    for (const baseImage of [undefined, 'node:26-slim', 'acme/base:1']) {
      currentRun = undefined;
      ports.baseImageOf = async () => baseImage;
      names.add((await ask(taskId)).image);
    }
    expect([names.size, joins.map(({ baseImage }) => baseImage)]).toEqual([
      3,
      [undefined, 'node:26-slim', 'acme/base:1'],
    ]);
    await runBuild({ ...ports, ...parts }, joins[2] as BuildInput, { runId: 'r', tried: 1 }, signal);
    expect(parts.begun).toMatchObject([{ baseImage: 'acme/base:1' }]);
  });

  test('joinBuild names the image by the platform of the engine', async () => {
    const taskId = await aTaskOf('platform');
    const defaultName = (await ask(taskId)).image;
    currentRun = undefined;
    ports = { ...ports, images: { ...ports.images, platform: async () => 'linux/arm64' } };
    const { image } = await ask(taskId);
    expect(defaultName).toBe(`${ports.registry}/greeter:${commit}`);
    expect(image).toMatch(new RegExp(`^${defaultName}-[0-9a-f]{8}$`));
  });

  test.each([
    ['that was removed from the plugin store', 'lost-deploy'],
    ['without a repository', 'bash'],
  ])('joinBuild rejects a plugin %s and names it with its version', async (_name, plugin) => {
    const refused = { code: 'plugin_invalid', message: expect.stringContaining(`${plugin} v1.0.0`) };
    await expect(ask(await aTaskOf(plugin), undefined, plugin)).rejects.toMatchObject(refused);
  });

  test('joinBuild rejects a task without a record', async () => {
    await expect(ask('unknown-1')).rejects.toMatchObject({ code: 'not_found' });
  });
});

test('the log of a shared build is removed with the last of its tasks', async () => {
  const { logs, builds } = opened.store;
  const [one, other] = [await aTaskOf('first'), await aTaskOf('last')];
  const { build: joined } = await ask(one);
  await ask(other);
  const { id = '', runId = '' } = joined ?? {};
  await builds.begin(id, runId);
  await build(runId);
  await builds.project(id, { runId, epoch: 3 }, { state: 'success' });
  const erase = async (taskId: string) => {
    await logs.delete(taskId);
    await forgetTask(opened.store, taskId);
  };
  await erase(one);
  expect([await texts(one), (await texts(other)).length]).toEqual([[], 2]);
  expect((await builds.get(id))?.taskIds).toEqual([other]);
  await erase(other);
  expect([await builds.get(id), await logs.read(`build/${id}/${runId}`, 0, 1)]).toEqual([undefined, []]);
});

test('settleLostBuilds settles the record of a terminated build, but not of a running one', async () => {
  const { builds } = opened.store;
  const { build: joined } = await ask(await aTaskOf('lost'));
  const { id = '', runId = '' } = joined ?? {};
  await builds.begin(id, runId);
  await settleLostBuilds(ports);
  expect((await builds.get(id))?.state).toBe('waiting');
  currentRun = undefined;
  await settleLostBuilds(ports);
  expect(await builds.get(id)).toMatchObject({
    state: 'error',
    error: { message: expect.stringContaining('terminated') },
  });
});
