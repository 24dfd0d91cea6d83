import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { createTaskSteering } from '../../../src/adapters/temporal/task-messages.ts';
import type { CreateRunnerInput, RunnerEnd, TaskInput } from '../../../src/model/activities.ts';
import { Fault } from '../../../src/model/fault.ts';
import { queues } from '../../../src/model/queues.ts';
import { createHarness, type Harness, plan, type Script, success } from '../../support/workflows/harness.ts';
import { until } from '../../support/workflows/until.ts';

let harness: Harness;
let number = 0;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.close());

const failed: RunnerEnd = {
  verdict: { state: 'error', failedStep: 'two' },
  exitCode: 0,
  restarts: 0,
  steps: [
    { instance: 'one', state: 'success' },
    { instance: 'two', state: 'error', error: { code: 'step_failed', message: 'expected 1, got 2' } },
    { instance: 'three', state: 'skipped' },
  ],
};
const held = { ...plan, instances: ['one', 'two', 'three'], holdMs: 3600_000 };

async function start(
  script: Script,
): Promise<{ handle: WorkflowHandle; taskId: string; created: CreateRunnerInput[] }> {
  const created: CreateRunnerInput[] = [];
  harness.use({
    openTask: async () => held,
    followRunner: async () => failed,
    createRunner: async (input) => {
      created.push(input);
      return { name: `test-runner-abcd1234-${input.attempt}`, uid: `uid-${input.attempt}` };
    },
    ...script,
  });
  number += 1;
  const input: TaskInput = {
    jobId: 'hold',
    testFlowId: 'flow',
    number,
    trigger: { type: 'manual' },
    requestedAt: new Date(0).toISOString(),
    run: { versions: {}, globalProperties: {} },
  };
  const taskId = `hold-${number}`;
  const handle = await harness.client.workflow.start('task', {
    workflowId: `task/${taskId}`,
    taskQueue: queues.control,
    args: [input],
  });
  return { handle, taskId, created };
}

const last = () => harness.projections.at(-1)?.patch;
const isHeld = () => until(() => last()?.state === 'held' && last());
const steering = () => createTaskSteering(harness.client);
const followers = () => harness.calls.filter((call) => call === 'followRunner').length;

async function ended(handle: WorkflowHandle) {
  await handle.result().catch(() => undefined);
  return { status: (await handle.describe()).status.name, ...last() };
}

describe('a failed test with a hold', () => {
  test('keeps its environment, records the end of the hold, and shows the state in Temporal', async () => {
    const { handle, taskId } = await start({});
    const patch = await isHeld();
    expect(patch).toMatchObject({ outcome: 'test', error: { code: 'step_failed' } });
    expect(new Date(patch.heldUntil ?? 0).getTime()).toBeGreaterThan(Date.now() + 3000_000);
    expect(patch.attempts).toMatchObject([
      { attempt: 1, state: 'error', outcome: 'test', endedAt: expect.any(String) },
    ]);
    expect(harness.calls).not.toContain('cleanUp');
    const { searchAttributes, raw } = await handle.describe();
    expect(searchAttributes.BrightBirdState).toEqual(['held']);
    expect(raw.pendingActivities?.map(({ activityType }) => activityType?.name)).toEqual(['followHeld']);
    await steering().release(taskId);
    await ended(handle);
  });

  test('is cleaned up and settled with its failure after a release, once the last lines are read', async () => {
    const { handle, taskId } = await start({});
    await isHeld();
    await steering().release(taskId);
    expect(await ended(handle)).toMatchObject({ status: 'FAILED', state: 'error', outcome: 'test', heldUntil: null });
    expect(harness.calls.filter((call) => call !== 'projectTask')).toEqual([
      'openTask',
      'createRunner',
      'followRunner',
      'followHeld',
      'cleanUp',
    ]);
  });

  test('has its last lines read by another follower when the follower of the hold fails', async () => {
    const { handle, taskId } = await start({
      followHeld: async () => {
        throw ApplicationFailure.nonRetryable('the cluster said no', 'forbidden');
      },
    });
    await isHeld();
    await until(() => harness.calls.includes('followHeld'));
    await steering().release(taskId);
    expect(await ended(handle)).toMatchObject({ state: 'error', outcome: 'test' });
    expect(followers()).toBe(2);
  });

  test('is released by its timer, also after extensions of the hold', async () => {
    const { handle, taskId } = await start({ openTask: async () => ({ ...held, holdMs: 1500 }) });
    const first = (await isHeld()).heldUntil ?? '';
    const { heldUntil } = await steering().hold(taskId, { forMs: 2500 });
    expect(heldUntil > first).toBe(true);
    await until(() => last()?.heldUntil === heldUntil);
    expect((await steering().hold(taskId, { forMs: 1 })).heldUntil).toBe(heldUntil);
    const { times } = await ended(handle);
    expect((times?.cleaningAt ?? '') >= heldUntil).toBe(true);
  });

  test('refuses requests once its time is over, while its last lines are read', async () => {
    let letGo = (): void => undefined;
    let isReading = false;
    const reading = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { handle, taskId } = await start({
      openTask: async () => ({ ...held, holdMs: 200 }),
      followHeld: async () => {
        const context = Context.current();
        const timer = setInterval(() => context.heartbeat(), 200);
        await new Promise((resolve) => context.cancellationSignal.addEventListener('abort', resolve));
        isReading = true;
        await reading;
        clearInterval(timer);
      },
    });
    await until(() => isReading);
    await expect(steering().retry(taskId, { from: 'failed', by: 'anna' })).rejects.toMatchObject({
      code: 'conflict',
      message: `task ${taskId} is already being released or retried`,
    });
    await expect(steering().hold(taskId, { forMs: 60_000 })).rejects.toMatchObject({ code: 'conflict' });
    letGo();
    expect(await ended(handle)).toMatchObject({ state: 'error', outcome: 'test', attempt: 1 });
  });

  test.each([
    ['a release', 'release', { heldUntil: null, times: { cleaningAt: expect.any(String) } }],
    ['a retry from the failed step', { from: 'failed' }, { attempt: 2, state: 'running', heldUntil: null }],
    ['a retry from the start', { from: 'start', versions: 'locked' }, { attempt: 2, state: 'init', heldUntil: null }],
  ] as const)('shows %s on its record at once, while its last lines are still read', async (_what, request, shown) => {
    let letGo = (): void => undefined;
    const reading = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { handle, taskId } = await start({
      followRunner: async ({ attempt }) => (attempt === 1 ? failed : success),
      followHeld: async () => {
        const context = Context.current();
        const timer = setInterval(() => context.heartbeat(), 200);
        await reading;
        clearInterval(timer);
      },
    });
    await isHeld();
    await until(() => harness.calls.includes('followHeld'));
    if (request === 'release') await steering().release(taskId);
    else await steering().retry(taskId, { ...request, by: 'anna' });
    expect(await until(() => last()?.state !== 'held' && last())).toMatchObject(shown);
    expect(harness.calls).not.toContain('cleanUp');
    letGo();
    expect(await ended(handle)).toMatchObject({ state: request === 'release' ? 'error' : 'success' });
  });

  test.each([
    ['hold', {}, 'forMs must be a number of milliseconds'],
    ['hold', { forMs: '2h' }, 'forMs must be a number of milliseconds'],
    ['hold', { forMs: 1e300 }, 'at most 604800000'],
    ['retry', undefined, 'from must be failed or start'],
    ['retry', { from: 'step' }, 'from must be failed or start'],
    ['retry', { from: 'start' }, 'versions must be locked or refreshed'],
    ['retry', { from: 'failed', input: 'x' }, 'input must be an object'],
  ])('refuses %s %j from Temporal’s own tools with a correction, and stays held', async (name, request, message) => {
    const { handle, taskId } = await start({});
    await isHeld();
    await expect(handle.executeUpdate(name, { args: [request] })).rejects.toMatchObject({
      cause: { type: 'input_invalid', message: expect.stringContaining(message) },
    });
    await steering().release(taskId);
    expect(await ended(handle)).toMatchObject({ state: 'error', outcome: 'test', attempt: 1 });
  });

  test('is cleaned up and settled with its failure when it is cancelled in Temporal', async () => {
    const { handle } = await start({});
    await isHeld();
    await handle.cancel();
    expect(await ended(handle)).toMatchObject({ status: 'FAILED', state: 'error', outcome: 'test' });
    expect(harness.calls.filter((call) => call === 'cleanUp')).toHaveLength(1);
  });

  test.each([
    ['the infrastructure', { code: 'out_of_memory', message: 'too much' } as const],
    ['the configuration of its runner', { code: 'container_config', message: 'no such program' } as const],
  ])('is not held when the fault is in %s', async (_, fault) => {
    const { handle } = await start({ followRunner: async () => ({ restarts: 0, steps: [], fault }) });
    expect(await ended(handle)).toMatchObject({ status: 'FAILED', state: 'error' });
    expect(harness.projections.map(({ patch }) => patch.state)).not.toContain('held');
  });

  test('is not held when it succeeds', async () => {
    const { handle } = await start({ followRunner: async () => success });
    expect(await ended(handle)).toMatchObject({ status: 'COMPLETED', state: 'success' });
    expect(harness.projections.map(({ patch }) => patch.state)).not.toContain('held');
  });
});

describe('a retry from the failed step', () => {
  test('runs in the same environment from that step on, with its edited input, and keeps the earlier results', async () => {
    const { handle, taskId, created } = await start({
      followRunner: async ({ attempt }) => (attempt === 1 ? failed : { ...success, steps: success.steps.slice(1) }),
    });
    await isHeld();
    const answer = await steering().retry(taskId, { from: 'failed', input: { expect: 2 }, by: 'anna' });
    expect(answer).toEqual({ attempt: 2 });
    const end = await ended(handle);
    expect(end).toMatchObject({ status: 'COMPLETED', state: 'success', attempt: 2 });
    expect(end.steps?.slice(0, 2)).toEqual(success.steps);
    expect(created).toMatchObject([
      { attempt: 1, inputs: {} },
      { attempt: 2, earlier: ['one'], inputs: { two: { expect: 2 } } },
    ]);
    expect(harness.calls.filter((call) => call === 'cleanUp')).toHaveLength(1);
    const running = harness.projections.find(({ patch }) => patch.attempt === 2)?.patch;
    expect(running).toMatchObject({ state: 'running', outcome: null, error: null, heldUntil: null });
    expect(running?.steps?.map(({ state }) => state)).toEqual(['success', 'pending', 'pending']);
    expect(running?.attempts).toMatchObject([
      { attempt: 1, state: 'error', outcome: 'test' },
      { attempt: 2, state: 'running', from: 'two', input: { expect: 2 }, by: 'anna' },
    ]);
  });

  test('keeps parallel steps that have succeeded and need no step that runs again', async () => {
    const end = {
      verdict: { state: 'error', failedStep: 'left' },
      restarts: 0,
      steps: [
        { instance: 'first', state: 'success' },
        { instance: 'left', state: 'error', error: { code: 'step_failed', message: 'no' } },
        { instance: 'right', state: 'success' },
        { instance: 'tidy', state: 'success' },
        { instance: 'last', state: 'skipped' },
      ],
    } satisfies RunnerEnd;
    const instances = end.steps.map(({ instance }) => instance);
    const { handle, taskId, created } = await start({
      openTask: async () => ({ ...held, instances, needs: { right: ['first'], tidy: ['left'] } }),
      followRunner: async ({ attempt }) => (attempt === 1 ? end : { ...success, steps: [] }),
    });
    await isHeld();
    await steering().retry(taskId, { from: 'failed', by: 'anna' });
    await ended(handle);
    expect(created[1]?.earlier).toEqual(['first', 'right']);
  });

  test('is held again after a failure, also when the job retries failures automatically', async () => {
    const { handle, taskId } = await start({
      openTask: async () => ({ ...held, retries: { test: 1, infrastructure: 5 } }),
    });
    await until(() => last()?.state === 'held' && last()?.attempts?.at(-1)?.attempt === 2);
    await steering().retry(taskId, { from: 'failed', by: 'anna' });
    await until(() => last()?.state === 'held' && last()?.attempts?.at(-1)?.attempt === 3);
    expect(harness.calls.filter((call) => call === 'cleanUp')).toHaveLength(1);
    await steering().release(taskId);
    expect(await ended(handle)).toMatchObject({ state: 'error', outcome: 'test', attempt: 3 });
  });

  test('is held again after a failure', async () => {
    const { handle, taskId } = await start({});
    await isHeld();
    await steering().retry(taskId, { from: 'failed', by: 'anna' });
    await until(() => last()?.state === 'held' && last()?.attempts?.at(-1)?.attempt === 2);
    expect(harness.calls).not.toContain('cleanUp');
    await steering().release(taskId);
    expect(await ended(handle)).toMatchObject({ state: 'error', outcome: 'test', attempt: 2 });
  });

  test('is held again and can be retried when it cannot begin because of its edited input', async () => {
    const { handle, taskId } = await start({
      createRunner: async ({ attempt }) => {
        if (attempt === 2) throw new Fault('secret_invalid', 'the secret "tokne" is not in the secret store');
        return { name: `test-runner-${attempt}`, uid: `uid-${attempt}` };
      },
      followRunner: async ({ attempt }) => (attempt === 1 ? failed : success),
    });
    await isHeld();
    await steering().retry(taskId, { from: 'failed', input: { token: '{{secret.tokne}}' }, by: 'anna' });
    const patch = await until(() => last()?.state === 'held' && last()?.attempts?.at(-1)?.attempt === 2 && last());
    expect(patch).toMatchObject({
      outcome: 'configuration',
      error: { code: 'secret_invalid', where: { step: 'two' } },
    });
    expect(patch.steps?.map(({ state }) => state)).toEqual(['success', 'error', 'pending']);
    await steering().retry(taskId, { from: 'failed', input: {}, by: 'anna' });
    expect(await ended(handle)).toMatchObject({ state: 'success', attempt: 3 });
    expect(harness.calls.filter((call) => call === 'cleanUp')).toHaveLength(1);
  });

  test('begins from the start when its runner vanishes with the environment', async () => {
    let lives = 0;
    const fault = { code: 'runner_vanished', message: 'gone' } as const;
    const { handle, taskId, created } = await start({
      followRunner: async () => {
        lives += 1;
        if (lives === 1) return failed;
        return lives === 2 ? { restarts: 0, steps: [], fault } : success;
      },
    });
    await isHeld();
    await steering().retry(taskId, { from: 'failed', by: 'anna' });
    expect(await ended(handle)).toMatchObject({ state: 'success', attempt: 3 });
    expect(created.map(({ earlier }) => earlier)).toEqual([undefined, ['one'], undefined]);
  });

  test('runs once when it is requested twice with one key, and is refused without a key', async () => {
    const { handle, taskId } = await start({ followRunner: async ({ attempt }) => (attempt === 1 ? failed : success) });
    await isHeld();
    const ask = () => steering().retry(taskId, { from: 'failed', by: 'anna' }, 'key-1');
    expect(await Promise.all([ask(), ask()])).toEqual([{ attempt: 2 }, { attempt: 2 }]);
    await ended(handle);
    await expect(steering().retry(taskId, { from: 'failed', by: 'anna' })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is refused while the test runs, with the state of the task', async () => {
    let letGo = (): void => undefined;
    const going = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { handle, taskId } = await start({
      followRunner: async () => {
        await going;
        return success;
      },
    });
    await until(() => followers() > 0);
    await expect(steering().retry(taskId, { from: 'failed', by: 'anna' })).rejects.toMatchObject({
      code: 'conflict',
      message: `task ${taskId} is not held: it is running`,
    });
    letGo();
    await ended(handle);
  });
});

describe('a retry from the start of a held task', () => {
  test('removes the environment first, then runs all steps with the same commits and images', async () => {
    const components = [{ plugin: 'a', repo: 'https://git.invalid/a', version: 'main' }];
    const asked: string[] = [];
    const { handle, taskId, created } = await start({
      openTask: async () => ({ ...held, components }),
      resolveCommit: async ({ version }) => {
        asked.push(version);
        return 'c'.repeat(40);
      },
      followRunner: async ({ attempt }) => (attempt === 1 ? failed : success),
    });
    await isHeld();
    await steering().retry(taskId, { from: 'start', versions: 'locked', by: 'anna' });
    expect(await ended(handle)).toMatchObject({ state: 'success', attempt: 2 });
    expect(asked).toEqual(['main', 'c'.repeat(40)]);
    expect(created.map(({ earlier }) => earlier)).toEqual([undefined, undefined]);
    const order = harness.calls.filter((call) => ['createRunner', 'cleanUp'].includes(call));
    expect(order).toEqual(['createRunner', 'cleanUp', 'createRunner', 'cleanUp']);
  });

  test('looks the commits up again with refreshed versions, and refuses an image that differs from the locked one', async () => {
    const components = [{ plugin: 'a', repo: 'https://git.invalid/a', version: 'main' }];
    const asked: string[] = [];
    let digest = 'sha256:1';
    const { handle, taskId } = await start({
      openTask: async () => ({ ...held, components }),
      resolveCommit: async ({ version }) => {
        asked.push(version);
        return 'c'.repeat(40);
      },
      joinBuild: async () => ({ image: 'a:c', digest }),
    });
    await isHeld();
    digest = 'sha256:2';
    await steering().retry(taskId, { from: 'start', versions: 'refreshed', by: 'anna' });
    await until(() => last()?.state === 'held' && last()?.attempts?.at(-1)?.attempt === 2);
    expect(asked).toEqual(['main', 'main']);
    digest = 'sha256:3';
    await steering().retry(taskId, { from: 'start', versions: 'locked', by: 'anna' });
    expect(await ended(handle)).toMatchObject({
      state: 'error',
      outcome: 'configuration',
      error: { code: 'image_missing' },
    });
  });
});
