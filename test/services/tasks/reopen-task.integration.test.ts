import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskInput } from '../../../src/model/activities.ts';
import type { TaskRetry } from '../../../src/model/attempt.ts';
import type { Task } from '../../../src/model/task.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aJob, aTask } from '../../support/adapters/mongodb/records.ts';
import { openTask } from '../../support/services/tasks/open.ts';
import { bash, greeter } from '../../support/services/tasks/plugins.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
  await opened.store.plugins.replaceAll([bash, greeter('v1.0.0'), greeter('v1.1.0')]);
});
afterAll(() => opened.close());

const commit = 'c'.repeat(40);
const pipeline = [
  { instance: 'greeter', plugin: 'greeter-deploy', version: 'v1.0.0', input: {} },
  { instance: 'check', plugin: 'bash', version: 'v1.0.0', input: { script: 'true' } },
];
const component = {
  plugin: 'greeter-deploy',
  repo: greeter('v1.0.0').repo ?? '',
  version: 'main',
  commit,
  image: `greeter:${commit}`,
  digest: 'sha256:1',
  built: true,
};

/** Creates a job with a settled task. */
async function settled(jobId: string, more: Partial<Task> = {}): Promise<Task> {
  await opened.store.jobs.insert(aJob(jobId, { versions: { 'greeter-deploy': 'develop' } }));
  const task = aTask(jobId, 1, {
    state: 'error',
    outcome: 'test',
    error: { code: 'step_failed', message: 'no' },
    attempt: 2,
    attempts: [
      { attempt: 1, state: 'error', steps: [], startedAt: 'a' },
      { attempt: 2, state: 'error', steps: [], startedAt: 'b' },
    ],
    versions: { 'greeter-deploy': 'main' },
    globals: { logLevel: 'DEBUG', mine: 1 },
    components: [component],
    pipeline,
    steps: [{ instance: 'greeter', state: 'success' }],
    flowRevision: 3,
    stop: { by: 'anna', at: new Date() },
    debts: [{ kind: 'container', name: 'x', uid: '1', reason: 'busy' }],
    ...more,
  });
  return opened.store.tasks.open(task, () => `testid-${jobId}`);
}

const inputOf = (jobId: string, more: Partial<TaskInput> = {}): TaskInput => ({
  jobId,
  testFlowId: 'gone',
  number: 1,
  trigger: { type: 'manual', by: 'anna' },
  requestedAt: '2026-11-24T10:00:00.000Z',
  run: { versions: {}, globalProperties: {} },
  ...more,
});
const again = (jobId: string, versions: TaskRetry['versions'], runId = 'run-2') =>
  openTask(opened.store, inputOf(jobId, { retry: { attempt: 3, versions, by: 'anna' } }), {
    workflowId: `task/${jobId}-1`,
    runId,
  });

describe('reopenTask', () => {
  test('reopenTask clears the result and keeps snapshot, attempts and testId', async () => {
    const before = await settled('reopen');
    const plan = await again('reopen', 'locked');
    expect(plan).toMatchObject({ testId: before.testId, attempt: 3, instances: ['greeter', 'check'] });
    const after = await opened.store.tasks.get('reopen-1');
    expect(after).toMatchObject({
      state: 'init',
      runId: 'run-2',
      attempt: 3,
      attempts: before.attempts,
      pipeline,
      globals: before.globals,
      flowRevision: 3,
      debts: [],
      steps: [
        { instance: 'greeter', state: 'pending' },
        { instance: 'check', state: 'pending' },
      ],
    });
    for (const field of ['outcome', 'error', 'stop', 'heldUntil']) expect(after).not.toHaveProperty(field);
    expect(Object.keys(after?.times ?? {}).sort()).toEqual(['requestedAt', 'startedAt']);
  });

  test('reopenTask returns the same plan when repeated, and a further attempt after a reset', async () => {
    await settled('twice');
    expect(await again('twice', 'locked')).toEqual(await again('twice', 'locked'));
    expect((await again('twice', 'locked', 'run-3')).attempt).toBe(4);
  });

  test('reopenTask with locked versions requests the former commits and digests', async () => {
    await settled('locked');
    const { components } = await again('locked', 'locked');
    const { plugin, repo, version, digest } = component;
    expect(components).toEqual([{ plugin, repo, version, locked: { commit, digest } }]);
  });

  test('reopenTask with refreshed versions resolves the recorded versions again', async () => {
    await settled('fresh');
    const { components } = await again('fresh', 'refreshed');
    const { plugin, repo } = component;
    expect(components).toEqual([{ plugin, repo, version: 'main' }]);
  });
});

describe('openTask with a lockfile', () => {
  const lockfile = (jobId: string, run: Partial<TaskInput['run']> = {}) =>
    openTask(
      opened.store,
      inputOf(jobId, { number: 2, run: { versions: {}, globalProperties: {}, lockfileOf: `${jobId}-1`, ...run } }),
      { workflowId: `task/${jobId}-2`, runId: 'run-of-2' },
    );

  test('openTask with a lockfile uses its flow, plugins, globals, commits and digests, although the flow was deleted', async () => {
    await settled('old');
    const { components } = await lockfile('old');
    expect(components).toMatchObject([{ version: 'main', locked: { commit, digest: 'sha256:1' } }]);
    expect(await opened.store.tasks.get('old-2')).toMatchObject({
      pipeline,
      flowRevision: 3,
      globals: { logLevel: 'DEBUG', mine: 1 },
      lockfileOf: 'old-1',
      testFlowId: 'f1',
    });
  });

  test('openTask with a lockfile gives the versions and globals of the run precedence', async () => {
    await settled('but');
    const versions = { 'greeter-deploy': 'v2' };
    const { components } = await lockfile('but', { versions, globalProperties: { mine: 2 } });
    expect(components).toMatchObject([{ version: 'v2' }]);
    expect(components[0]).not.toHaveProperty('locked');
    expect(await opened.store.tasks.get('but-2')).toMatchObject({ versions, globals: { mine: 2 } });
  });

  test('openTask with a lockfile records a fault if the original task was deleted', async () => {
    await settled('none');
    await expect(lockfile('none', { lockfileOf: 'unknown-1' })).rejects.toMatchObject({ code: 'not_found' });
    expect((await opened.store.tasks.get('none-2'))?.state).toBe('init');
  });
});
