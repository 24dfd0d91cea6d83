import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunnerEnd } from '../../../src/model/activities.ts';
import type { OverlapPolicy } from '../../../src/model/job.ts';
import type { EventTrigger } from '../../../src/model/trigger.ts';
import { aJob } from '../../support/adapters/mongodb/records.ts';
import { createHarness, type Harness, plan, success } from '../../support/workflows/harness.ts';
import { until } from '../../support/workflows/until.ts';
import { createOrchestrator } from '../../support/workflows/update-run.ts';

let harness: Harness;
/** Running runners by task; calling one ends it with success. */
const runners = new Map<string, () => void>();

beforeAll(async () => {
  harness = await createHarness();
  harness.use({
    followRunner: ({ taskId }) =>
      new Promise<RunnerEnd>((resolve) => {
        runners.set(taskId, () => {
          runners.delete(taskId);
          resolve(success);
        });
      }),
    openTask: async () => ({
      ...plan,
      components: [{ plugin: 'greeter', repo: 'https://git.invalid/acme/greeter.git', version: 'main' }],
      versions: { greeter: 'main' },
    }),
  });
});
afterAll(async () => {
  for (const end of runners.values()) end();
  await harness.close();
});

const by = (id: string, overlap: OverlapPolicy, coalesce = false) =>
  aJob(id, { policy: { timeoutSeconds: 600, overlap, coalesce } });
const hand = { trigger: { type: 'manual' }, run: { versions: {}, globalProperties: {} } } as const;
const merge = (id: string): EventTrigger => ({
  type: 'pr_merged',
  deliveries: [id],
  changes: [{ repo: 'Acme/Greeter', version: `sha-${id}`, title: `#${id}` }],
});
const running = (taskId: string) => until(() => runners.get(taskId));
const status = async (taskId: string) =>
  (await harness.client.workflow.getHandle(`task/${taskId}`).describe()).status.name;

describe('a manual run while a task of its job runs', () => {
  test('is refused under skip, with the blocking task', async () => {
    const orchestrator = createOrchestrator(harness.client);
    await orchestrator.runJob(by('skip', 'skip'), hand);
    (await running('skip-1'))();
    await until(async () => (await status('skip-1')) === 'COMPLETED');
    await until(async () => orchestrator.runJob(by('skip', 'skip'), hand).catch(() => undefined));
    const end = await running('skip-2');
    await expect(orchestrator.runJob(by('skip', 'skip'), hand)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('skip-2'),
    });
    end();
  });

  test('is numbered at once under buffer_all, names the task that it waits for, and begins when that has ended', async () => {
    const orchestrator = createOrchestrator(harness.client);
    const tasks = [];
    for (let n = 0; n < 3; n += 1) tasks.push((await orchestrator.runJob(by('all', 'buffer_all'), hand)).taskId);
    expect(tasks).toEqual(['all-1', 'all-2', 'all-3']);
    for (const taskId of tasks) {
      const end = await running(taskId);
      expect([...runners.keys()].filter((one) => one.startsWith('all-'))).toEqual([taskId]);
      end();
    }
    await until(async () => (await status('all-3')) === 'COMPLETED');
  });

  test('is refused under buffer_one when another run waits, which can be stopped like any task', async () => {
    const orchestrator = createOrchestrator(harness.client);
    const job = by('one', 'buffer_one');
    await orchestrator.runJob(job, hand);
    const end = await running('one-1');
    expect((await orchestrator.runJob(job, hand)).taskId).toBe('one-2');
    await expect(orchestrator.runJob(job, hand)).rejects.toMatchObject({ message: expect.stringContaining('one-2') });
    await orchestrator.stopTask('one-2');
    await until(async () => (await status('one-2')) === 'CANCELLED');
    const third = await until(() => orchestrator.runJob(job, hand).catch(() => undefined));
    expect(third.taskId).toBe('one-3');
    end();
    (await running('one-3'))();
  });

  test('replaces the task under cancel_other once that is cleaned up', async () => {
    const orchestrator = createOrchestrator(harness.client);
    const job = by('cancel', 'cancel_other');
    await orchestrator.runJob(job, hand);
    const first = await running('cancel-1');
    await orchestrator.runJob(job, hand);
    // The scripted runner ends only now, after the stop of its task.
    await until(() => wasAskedToStop('task/cancel-1'));
    first();
    (await running('cancel-2'))();
    await until(async () => (await status('cancel-2')) === 'COMPLETED');
  });
});

async function wasAskedToStop(workflowId: string): Promise<boolean> {
  const { events } = await harness.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).some((event) => event.workflowExecutionCancelRequestedEventAttributes);
}

test('merges that arrive while a task runs become one next task with all of them and the newest versions', async () => {
  const orchestrator = createOrchestrator(harness.client);
  const job = by('coalesce', 'allow_all', true);
  const deliver = (id: string) => orchestrator.triggerJob(job, { trigger: merge(id), key: `delivery/${id}` });
  await deliver('1');
  const first = await running('coalesce-1');
  for (const id of ['2', '3', '4', '3']) await deliver(id);
  await until(() => harness.decisions.filter(({ jobId }) => jobId === 'coalesce').length === 3);
  first();
  const second = await running('coalesce-2');
  const joined = harness.projections.filter(({ taskId, patch }) => taskId === 'coalesce-2' && patch.trigger).at(-1);
  expect(joined?.patch.trigger).toMatchObject({ deliveries: ['2', '3', '4'] });
  expect(joined?.patch.versions).toEqual({ greeter: 'sha-4' });
  expect(harness.decisions.map(({ decision, taskId }) => [decision, taskId])).toEqual([
    ['joined waiting task coalesce-2', 'coalesce-2'],
    ['joined waiting task coalesce-2', 'coalesce-2'],
    ['started no task: the request was received before', 'coalesce-2'],
  ]);
  second();
  await until(async () => (await status('coalesce-2')) === 'COMPLETED');
  await expect(status('coalesce-3')).rejects.toThrow();
});

test('a trigger starts after the blocking task was terminated, and the terminated task is swept', async () => {
  const orchestrator = createOrchestrator(harness.client);
  const job = by('lost', 'skip');
  await orchestrator.runJob(job, hand);
  await running('lost-1');
  await harness.client.workflow.getHandle('task/lost-1').terminate('the operator wants it gone');
  const swept = () => harness.client.workflow.getHandle('sweep/lost-1').result();
  await until(() =>
    swept().then(
      () => true,
      () => false,
    ),
  );
  expect(harness.calls).toContain('findLost');
  const next = await until(() => orchestrator.runJob(job, hand).catch(() => undefined));
  expect(next.taskId).toBe('lost-2');
  (await running('lost-2'))();
});

test('the entity of a job continues without loss when it is cancelled in Temporal', async () => {
  const orchestrator = createOrchestrator(harness.client);
  await orchestrator.runJob(by('firm', 'allow_all'), hand);
  await harness.client.workflow.getHandle('job/firm').cancel();
  expect((await orchestrator.runJob(by('firm', 'allow_all'), hand)).taskId).toBe('firm-2');
  for (const taskId of ['firm-1', 'firm-2']) (await running(taskId))();
});
