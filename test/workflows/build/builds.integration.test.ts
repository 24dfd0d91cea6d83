import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { createBuildActivities } from '../../../activities/builds.ts';
import { createBuildWorkflows } from '../../../src/adapters/temporal/build-workflows.ts';
import type { TaskInput } from '../../../src/model/activities.ts';
import { Fault } from '../../../src/model/fault.ts';
import type { BuildRequest } from '../../../src/model/ports/images.ts';
import { buildWorkflowId, queues } from '../../../src/model/queues.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { commit, digest, scriptedParts } from '../../support/services/builds/parts.ts';
import { greeter } from '../../support/services/tasks/plugins.ts';
import { createHarness, type Harness, plan } from '../../support/workflows/harness.ts';
import { until } from '../../support/workflows/until.ts';

/** Running builds by image; calling one ends it, with a fault if one is given. */
const underWay = new Map<string, (fault?: Fault) => void>();
let mostAtOnce = 0;
const parts = scriptedParts(hold);
let opened: TestStore;
let harness: Harness;

/** Runs a build until the test ends it or its worker stops. */
function hold({ image, signal }: BuildRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      if (underWay.get(image) === finish) underWay.delete(image);
      act();
    };
    const finish = (fault?: Fault): void => end(() => (fault ? reject(fault) : resolve()));
    underWay.set(image, finish);
    mostAtOnce = Math.max(mostAtOnce, underWay.size);
    signal.addEventListener('abort', () => end(() => reject(signal.reason)));
  });
}

/** Returns the plugins of a job's flow: `<job>-a`, `<job>-b`, …; their number is the end of the job's name. */
const pluginsOf = (jobId: string) => ['a', 'b', 'c'].slice(0, Number(jobId.slice(-1))).map((one) => `${jobId}-${one}`);
const imageOf = (plugin: string) => `${plugin}:${commit}`;
const jobs = ['crowd3', 'leaving3', 'terminated1', 'failing1', 'cancelled1'];

beforeAll(async () => {
  opened = await openStore();
  harness = await createHarness();
  const plugins = jobs.flatMap(pluginsOf).map((name) => ({ ...greeter('v1.0.0'), name, imageTarget: name }));
  await opened.store.plugins.replaceAll(plugins);
  const activities = createBuildActivities({
    ...opened.store,
    ...parts,
    registry: '',
    buildWorkflows: createBuildWorkflows(harness.client),
  });
  harness.use({
    ...activities,
    async openTask({ jobId, number }) {
      const names = pluginsOf(jobId);
      const pipeline = names.map((plugin) => ({ instance: plugin, plugin, version: 'v1.0.0', input: {} }));
      await opened.store.tasks.open(aTask(jobId, number, { pipeline }), () => `${jobId}-${number}`);
      const components = names.map((plugin) => ({ plugin, repo: 'https://git.invalid/x.git', version: '' }));
      return { ...plan, components };
    },
  });
});
// A failed test must not keep build slots from the next one.
afterEach(() => {
  for (const end of underWay.values()) end();
});
afterAll(async () => {
  await harness.close();
  await opened.close();
});

async function start(jobId: string, number: number): Promise<WorkflowHandle> {
  const input: TaskInput = {
    jobId,
    testFlowId: 'flow',
    number,
    trigger: { type: 'manual' },
    requestedAt: new Date(0).toISOString(),
    run: { versions: {}, globalProperties: {} },
  };
  const workflowId = `task/${jobId}-${number}`;
  return harness.client.workflow.start('task', { workflowId, taskQueue: queues.control, args: [input] });
}

const several = (jobId: string, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => start(jobId, index + 1)));
const ended = async (handle: WorkflowHandle) => {
  await handle.result().catch(() => undefined);
  return (await handle.describe()).status.name;
};
/** Returns the end of a task in Temporal and in its projection. */
const endOf = async (handle: WorkflowHandle) => {
  const status = await ended(handle);
  const taskId = handle.workflowId.slice('task/'.length);
  const last = harness.projections.filter((one) => one.taskId === taskId).at(-1)?.patch;
  return { status, code: last?.error?.code, message: last?.error?.message };
};
const haveJoined = (jobId: string, count: number) =>
  until(async () => {
    const needed = pluginsOf(jobId).map((plugin) => opened.store.builds.get(imageOf(plugin)));
    return (await Promise.all(needed)).every((build) => build?.taskIds.length === count);
  });
const begun = (jobId: string) => parts.begun.filter(({ image }) => image.startsWith(jobId)).length;
const textsOf = async (taskId: string) => {
  const { items } = await readLogs(opened.store.logs, { taskId, limit: 1000 });
  return items.map((item) => 'text' in item && item.text);
};
const building = (plugin: string) => until(() => underWay.get(imageOf(plugin)));
/** Ends every build of a job with success, once it has a slot. */
async function finishAll(jobId: string): Promise<void> {
  await Promise.all(pluginsOf(jobId).map(async (plugin) => (await building(plugin))()));
}
const lines = (plugin: string) => [`Step 1/2 : ${imageOf(plugin)}`, 'Successfully built'];

describe('twelve tasks that need the same three images at once', () => {
  test('share three builds on two slots, and each task shows all three logs, also while builds wait for a slot', async () => {
    const tasks = await several('crowd3', 12);
    await haveJoined('crowd3', 12);
    await until(() => underWay.size === 2);
    await until(async () => (await textsOf('crowd3-12')).length === 2);
    await finishAll('crowd3');
    expect(await Promise.all(tasks.map(endOf))).toEqual(tasks.map(() => ({ status: 'COMPLETED' })));
    expect([begun('crowd3'), mostAtOnce]).toEqual([3, 2]);
    const all = pluginsOf('crowd3').flatMap(lines).sort();
    for (const { workflowId } of tasks) {
      expect((await textsOf(workflowId.slice('task/'.length))).sort()).toEqual(all);
    }
    const { items } = await opened.store.builds.list({ state: 'success' }, { limit: 10 });
    expect(items.map(({ id, taskIds }) => [id, taskIds.length]).sort()).toEqual(
      pluginsOf('crowd3').map((plugin) => [imageOf(plugin), 12]),
    );
  });

  test('share builds that continue when eleven tasks are cancelled, and a later task builds nothing', async () => {
    const tasks = await several('leaving3', 12);
    await haveJoined('leaving3', 12);
    const last = tasks[11] as WorkflowHandle;
    await Promise.all(tasks.slice(0, 11).map((handle) => handle.cancel()));
    expect(await Promise.all(tasks.slice(0, 11).map(ended))).toEqual(Array(11).fill('CANCELLED'));
    await finishAll('leaving3');
    expect(await ended(last)).toBe('COMPLETED');
    expect((await textsOf('leaving3-12')).sort()).toEqual(pluginsOf('leaving3').flatMap(lines).sort());
    expect(await ended(await start('leaving3', 13))).toBe('COMPLETED');
    expect(begun('leaving3')).toBe(3);
    expect(await textsOf('leaving3-13')).toEqual([]);
    const componentsOf = (id: string) =>
      harness.projections.filter(({ taskId }) => taskId === id).at(-1)?.patch.components;
    expect(componentsOf('leaving3-12')?.map((one) => one.digest)).toEqual(Array(3).fill(digest));
    const components = componentsOf('leaving3-13');
    expect(components?.map((one) => [one.built, one.build, one.digest])).toEqual(
      Array(3).fill([false, undefined, digest]),
    );
  });
});

test('a terminated build is restarted once by its waiters', async () => {
  const tasks = await several('terminated1', 3);
  await haveJoined('terminated1', 3);
  await building('terminated1-a');
  const handle = harness.client.workflow.getHandle(buildWorkflowId(imageOf('terminated1-a')));
  await handle.terminate('an operator wants its slot');
  await until(() => begun('terminated1') === 2);
  const shown = () => Promise.all([1, 2, 3].map((n) => textsOf(`terminated1-${n}`)));
  // A waiter that checks after the end of the second build finds the image and joins nothing.
  await until(async () => (await shown()).every((texts) => texts.length === 2));
  await finishAll('terminated1');
  expect(await Promise.all(tasks.map(ended))).toEqual(tasks.map(() => 'COMPLETED'));
  expect(begun('terminated1')).toBe(2);
  const [first, last] = lines('terminated1-a');
  for (const texts of await shown()) expect(texts).toEqual([first, first, last]);
});

test('a failed build reports its reason to each waiter, and the next task builds again', async () => {
  const tasks = await several('failing1', 3);
  await haveJoined('failing1', 3);
  (await building('failing1-a'))(new Fault('build_failed', 'RUN make ended with exit code 2'));
  const reason = { status: 'FAILED', code: 'build_failed', message: 'RUN make ended with exit code 2' };
  expect(await Promise.all(tasks.map(endOf))).toEqual(tasks.map(() => reason));
  expect(await opened.store.builds.get(imageOf('failing1-a'))).toMatchObject({
    state: 'error',
    error: { code: 'build_failed' },
  });
  const next = await start('failing1', 4);
  await finishAll('failing1');
  expect(await ended(next)).toBe('COMPLETED');
  expect(await opened.store.builds.get(imageOf('failing1-a'))).toMatchObject({ state: 'success' });
});

test('a build that is cancelled in Temporal stops and fails its waiters', async () => {
  const tasks = await several('cancelled1', 2);
  await haveJoined('cancelled1', 2);
  await building('cancelled1-a');
  await harness.client.workflow.getHandle(buildWorkflowId(imageOf('cancelled1-a'))).cancel();
  const reason = { status: 'FAILED', code: 'build_failed', message: expect.stringContaining('was cancelled') };
  expect(await Promise.all(tasks.map(endOf))).toEqual(tasks.map(() => reason));
  expect([underWay.size, begun('cancelled1')]).toEqual([0, 1]);
});
