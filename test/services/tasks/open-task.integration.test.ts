import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Store } from '../../../src/adapters/mongodb/connect.ts';
import type { TaskInput } from '../../../src/model/activities.ts';
import type { TestFlow } from '../../../src/model/flow.ts';
import type { Job } from '../../../src/model/job.ts';
import { editSiteGlobals } from '../../../src/services/flows/edit-site-globals.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aFlow, aJob, aTask } from '../../support/adapters/mongodb/records.ts';
import { openTask } from '../../support/services/tasks/open.ts';
import { bash, greeter } from '../../support/services/tasks/plugins.ts';

let opened: TestStore;
let store: Store;
beforeAll(async () => {
  opened = await openStore();
  store = opened.store;
  await store.plugins.replaceAll([bash, greeter('v1.0.0'), greeter('v1.1.0')]);
});
afterAll(() => opened.close());

const graph = `name: smoke
globals: {logLevel: from-graph, a: graph, b: graph, c: graph, d: graph}
pipeline:
  greeter:
    plugin: greeter-deploy
    version: v1.0.0
    input: {replicas: 1}
  check:
    plugin: bash
    timeout: 30s
    input: {script: "echo {{greeter.svcEndpoint}} {{global.a}}"}
  again:
    plugin: greeter-deploy
    version: v1.0.0
    input: {}
`;

const run = { workflowId: 'task/x', runId: 'run-of-x' };
const input = (jobId: string, more: Partial<TaskInput> = {}): TaskInput => ({
  jobId,
  testFlowId: `${jobId}-flow`,
  number: 1,
  trigger: { type: 'manual', by: 'ann' },
  requestedAt: '2026-11-23T10:00:00.000Z',
  run: { versions: {}, globalProperties: {} },
  ...more,
});

async function save(jobId: string, job: Partial<Job> = {}, flow: Partial<TestFlow> = {}): Promise<void> {
  await store.flows.insert(aFlow(`${jobId}-flow`, { graph, revision: 7, ...flow }));
  await store.jobs.insert(
    aJob(jobId, { testFlowId: `${jobId}-flow`, policy: { ...aJob(jobId).policy, timeoutSeconds: 90 }, ...job }),
  );
}

describe('openTask', () => {
  test('openTask records a snapshot of flow, versions and globals and returns the plan for the workflow', async () => {
    await save('snap', { versions: { 'greeter-deploy': 'v1' } });
    const request = input('snap', { number: 4, run: { versions: { other: 'main' }, globalProperties: {} } });
    const plan = await openTask(store, request, run);
    const task = await store.tasks.get('snap-4');
    expect(plan).toMatchObject({
      testId: task?.testId,
      timeoutMs: 90_000,
      components: [{ plugin: 'greeter-deploy', repo: 'https://git.invalid/team/greeter.git', version: 'v1' }],
      instances: ['greeter', 'check', 'again'],
    });
    expect(task).toMatchObject({
      name: 'job-snap-4',
      number: 4,
      jobId: 'snap',
      testFlowId: 'snap-flow',
      flowRevision: 7,
      state: 'init',
      attempt: 1,
      trigger: { type: 'manual', by: 'ann' },
      versions: { 'greeter-deploy': 'v1', other: 'main' },
      ...run,
      times: { requestedAt: new Date('2026-11-23T10:00:00.000Z') },
    });
    expect(task?.testId).toMatch(/^[0-9a-f]{8}$/);
    expect(task?.pipeline).toEqual([
      { instance: 'greeter', plugin: 'greeter-deploy', version: 'v1.0.0', input: { replicas: 1 } },
      {
        instance: 'check',
        plugin: 'bash',
        version: 'v1.0.0',
        input: { script: expect.any(String) },
        timeoutMs: 30_000,
      },
      { instance: 'again', plugin: 'greeter-deploy', version: 'v1.0.0', input: {} },
    ]);
    expect(task?.steps).toEqual(['greeter', 'check', 'again'].map((instance) => ({ instance, state: 'pending' })));
    expect((await store.jobs.get('snap'))?.execCount).toBe(4);
  });

  test('openTask takes each global from run, job, flow, YAML and built-in values, in this order', async () => {
    await save(
      'globals',
      { globalProperties: { a: 'job', b: 'job' } },
      { globalProperties: { a: 'flow', b: 'flow', c: 'flow' } },
    );
    await openTask(store, input('globals', { run: { versions: {}, globalProperties: { a: 'run' } } }), run);
    const globals = { logLevel: 'from-graph', a: 'run', b: 'job', c: 'flow', d: 'graph' };
    expect((await store.tasks.get('globals-1'))?.globals).toEqual(globals);
    await save('plain', {}, { graph: aFlow('x').graph });
    await openTask(store, input('plain'), run);
    expect((await store.tasks.get('plain-1'))?.globals).toEqual({ logLevel: 'DEBUG' });
  });

  test("openTask records the site's globals, which flow, job and run override but the default logLevel does not", async () => {
    const site = await store.siteGlobals.get();
    const globalProperties = { logLevel: 'INFO', a: 'site', peer: '/ip4/192.0.2.1', tries: 3 };
    await editSiteGlobals(store.siteGlobals, { globalProperties }, 'ann');
    await save('on-site', {}, { graph: aFlow('x').graph.replace('exit 0', 'echo {{global.peer}}') });
    await openTask(store, input('on-site', { run: { versions: {}, globalProperties: { a: 'run' } } }), run);
    const kept = { logLevel: 'INFO', a: 'run', peer: '/ip4/192.0.2.1', tries: 3 };
    expect((await store.tasks.get('on-site-1'))?.globals).toEqual(kept);
    await save('own', {}, { globalProperties: { peer: 'flow' } });
    await openTask(store, input('own'), run);
    expect((await store.tasks.get('own-1'))?.globals).toMatchObject({
      logLevel: 'from-graph',
      a: 'graph',
      peer: 'flow',
    });

    await editSiteGlobals(store.siteGlobals, { globalProperties: site.globalProperties }, 'ann');
    expect((await store.tasks.get('on-site-1'))?.globals).toEqual(kept);
  });

  test('openTask takes each version from run or job, otherwise the head of the default branch', async () => {
    const versionOf = async (number: number, versions: Record<string, string>) => {
      const request = input('versions', { number, run: { versions, globalProperties: {} } });
      return (await openTask(store, request, run)).components[0]?.version;
    };
    await save('versions', { versions: { 'greeter-deploy': 'v1' } });
    expect(await versionOf(1, {})).toBe('v1');
    expect(await versionOf(2, { 'greeter-deploy': 'main' })).toBe('main');
    await save('headless', {});
    expect((await openTask(store, input('headless'), run)).components[0]?.version).toBe('');
  });

  test('openTask returns the same task when repeated, although flow and job have changed', async () => {
    await save('again');
    const first = await openTask(store, input('again'), run);
    const recorded = await store.tasks.get('again-1');
    expect(await openTask(store, input('again'), run)).toEqual(first);
    const before = aFlow('again-flow', { graph, revision: 7 });
    await store.flows.replace(before, { ...before, graph: aFlow('x').graph, revision: 8 });
    expect(await openTask(store, input('again'), run)).toEqual(first);
    await store.flows.delete({ ...before, graph: aFlow('x').graph, revision: 8 }, [7]);
    expect(await openTask(store, input('again'), run)).toEqual(first);
    expect(await store.tasks.get('again-1')).toEqual(recorded);
    expect(recorded?.flowRevision).toBe(7);
    expect(await store.flows.revision('again-flow', 7)).toMatchObject({ graph });
  });

  test('openTask throws again when repeated, although the flow was fixed since', async () => {
    const broken = aFlow('repaired-flow', { graph: graph.replaceAll('v1.0.0', 'v9.0.0'), revision: 7 });
    await save('repaired', {}, broken);
    await expect(openTask(store, input('repaired'), run)).rejects.toMatchObject({ code: 'flow_invalid' });
    await store.flows.replace(broken, { ...broken, graph, revision: 8 });
    await expect(openTask(store, input('repaired'), run)).rejects.toMatchObject({
      code: 'flow_invalid',
      message: expect.stringContaining('revision 7 of test flow repaired-flow'),
    });
    expect(await store.tasks.get('repaired-1')).toMatchObject({ flowRevision: 7, pipeline: [] });
  });

  test('openTask chooses another testId if the first one is taken', async () => {
    await save('taken');
    const candidate = (n: number) => createHash('sha256').update(`taken-1/${n}`).digest('hex').slice(0, 8);
    await store.tasks.open(aTask('elsewhere', 1), () => candidate(0));
    const { testId } = await openTask(store, input('taken'), run);
    expect(testId).toBe(candidate(1));
    expect((await openTask(store, input('taken'), run)).testId).toBe(testId);
  });
});

describe('openTask with a task that cannot run', () => {
  const blank = { state: 'init', pipeline: [], steps: [], trigger: { by: 'ann' } };

  test('openTask records and rejects a task whose flow no longer fits its plugins', async () => {
    await save('unfit', {}, { graph: graph.replaceAll('v1.0.0', 'v9.0.0') });
    await expect(openTask(store, input('unfit'), run)).rejects.toMatchObject({
      code: 'flow_invalid',
      issues: expect.arrayContaining([expect.objectContaining({ where: expect.objectContaining({ line: 6 }) })]),
    });
    expect(await store.tasks.get('unfit-1')).toMatchObject({ ...blank, name: 'job-unfit-1', flowRevision: 7 });
    expect((await store.jobs.get('unfit'))?.execCount).toBe(1);
  });

  test('openTask records and rejects a task whose flow was deleted', async () => {
    await store.jobs.insert(aJob('flowless', { testFlowId: 'flowless-flow' }));
    await expect(openTask(store, input('flowless'), run)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('flowless-flow'),
    });
    expect(await store.tasks.get('flowless-1')).toMatchObject(blank);
  });

  test('openTask records no task if its job was deleted', async () => {
    await expect(openTask(store, input('jobless'), run)).rejects.toMatchObject({ code: 'not_found' });
    expect(await store.tasks.get('jobless-1')).toBeUndefined();
  });
});
