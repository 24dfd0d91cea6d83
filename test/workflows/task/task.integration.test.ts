import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunnerEnd, TaskInput } from '../../../src/model/activities.ts';
import { Fault } from '../../../src/model/fault.ts';
import { queues } from '../../../src/model/queues.ts';
import { createHarness, type Harness, plan, type Script, success } from '../../support/workflows/harness.ts';

let harness: Harness;
let number = 0;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.close());

async function start(script: Script): Promise<WorkflowHandle> {
  harness.use(script);
  number += 1;
  const input: TaskInput = {
    jobId: 'job',
    testFlowId: 'flow',
    number,
    trigger: { type: 'manual' },
    requestedAt: new Date(0).toISOString(),
    run: { versions: {}, globalProperties: {} },
  };
  return harness.client.workflow.start('task', {
    workflowId: `task/job-${number}`,
    taskQueue: queues.control,
    args: [input],
  });
}

/** Returns the status of the ended workflow in Temporal, and its last projection. */
async function end(handle: WorkflowHandle) {
  await handle.result().catch(() => undefined);
  const { status } = await handle.describe();
  const last = harness.projections.at(-1)?.patch;
  return {
    status: status.name,
    state: last?.state,
    outcome: last?.outcome,
    code: last?.error?.code,
    attempt: last?.attempt,
  };
}

/** Waits for the cancellation of the activity, as a follower of a long test does. */
async function untilCancelled(result: RunnerEnd): Promise<RunnerEnd> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 100);
  try {
    await new Promise<void>((resolve) => context.cancellationSignal.addEventListener('abort', () => resolve()));
    return result;
  } finally {
    clearInterval(timer);
  }
}

const canceled = {
  exitCode: 143,
  restarts: 0,
  steps: [{ instance: 'one', state: 'canceled' }],
} satisfies RunnerEnd;

describe('a task', () => {
  test('is recorded, run, cleaned up and settled in this order when it succeeds', async () => {
    const handle = await start({});
    expect(await end(handle)).toMatchObject({ status: 'COMPLETED', state: 'success', attempt: 1 });
    const order = harness.calls.filter((call) => call !== 'projectTask');
    expect(order).toEqual(['openTask', 'createRunner', 'followRunner', 'cleanUp']);
    const epochs = harness.projections.map(({ epoch }) => epoch);
    expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
  });

  test('resolves the commits and gets the images of its components before it creates the runner', async () => {
    const components = ['a', 'b'].map((plugin) => ({ plugin, repo: `https://git.invalid/${plugin}`, version: '' }));
    const handle = await start({ openTask: async () => ({ ...plan, components }) });
    expect(await end(handle)).toMatchObject({ status: 'COMPLETED', state: 'success' });
    expect(harness.calls.indexOf('createRunner')).toBeGreaterThan(harness.calls.lastIndexOf('joinBuild'));
    expect(harness.calls.filter((call) => call === 'joinBuild')).toHaveLength(2);
  });

  test('ends as a test failure that names the failed step', async () => {
    const error = { code: 'step_failed', message: 'expected 1, got 2' } as const;
    const failed: RunnerEnd = {
      verdict: { state: 'error', failedStep: 'two' },
      exitCode: 0,
      restarts: 0,
      steps: [{ instance: 'two', state: 'error', error }],
    };
    const handle = await start({ followRunner: async () => failed });
    expect(await end(handle)).toMatchObject({ status: 'FAILED', state: 'error', outcome: 'test', code: 'step_failed' });
    expect(harness.projections.at(-1)?.patch.error?.where?.step).toBe('two');
  });

  test('is settled as a build error without a runner when an image cannot be built', async () => {
    const components = [{ plugin: 'a', repo: 'https://git.invalid/a', version: '' }];
    const handle = await start({
      openTask: async () => ({ ...plan, components }),
      joinBuild: async () => {
        throw new Fault('build_failed', 'RUN make ended with exit code 2');
      },
    });
    expect(await end(handle)).toMatchObject({
      status: 'FAILED',
      state: 'error',
      outcome: 'build',
      code: 'build_failed',
    });
    expect(harness.calls).not.toContain('createRunner');
  });

  test('gets a new runner after its runner vanished and the objects of the first one are removed', async () => {
    let lives = 0;
    const handle = await start({
      followRunner: async () => {
        lives += 1;
        const fault = { code: 'runner_vanished', message: 'the runner is gone' } as const;
        return lives === 1 ? { restarts: 0, steps: [], fault } : success;
      },
    });
    expect(await end(handle)).toMatchObject({ status: 'COMPLETED', state: 'success', attempt: 2 });
    const order = harness.calls.filter((call) => call !== 'projectTask');
    expect(order).toEqual([
      'openTask',
      'createRunner',
      'followRunner',
      'cleanUp',
      'createRunner',
      'followRunner',
      'cleanUp',
    ]);
  });

  test('stops its runner first, then cleans up, and ends as canceled when it is cancelled', async () => {
    const handle = await start({ followRunner: () => untilCancelled(canceled) });
    while (!harness.calls.includes('followRunner')) await new Promise((resolve) => setTimeout(resolve, 20));
    await handle.cancel();
    expect(await end(handle)).toMatchObject({ status: 'CANCELLED', state: 'canceled', outcome: 'stopped' });
    expect(harness.calls.filter((call) => call === 'cleanUp')).toHaveLength(1);
    expect(harness.projections.at(-1)?.patch.steps).toEqual([...canceled.steps, { instance: 'two', state: 'pending' }]);
  });

  test('keeps the verdict that its runner gave before the stop', async () => {
    const handle = await start({ followRunner: () => untilCancelled(success) });
    while (!harness.calls.includes('followRunner')) await new Promise((resolve) => setTimeout(resolve, 20));
    await handle.cancel();
    expect(await end(handle)).toMatchObject({ status: 'COMPLETED', state: 'success' });
  });

  test('is stopped and ends as a timeout when it exceeds its limit', async () => {
    const handle = await start({
      openTask: async () => ({ ...plan, timeoutMs: 500 }),
      followRunner: () => untilCancelled(canceled),
    });
    expect(await end(handle)).toMatchObject({
      status: 'FAILED',
      state: 'error',
      outcome: 'timeout',
      code: 'run_timeout',
    });
  });

  test('settles with a list of the objects that could not be removed', async () => {
    const debt = { kind: 'container', name: 'x', uid: '1', reason: 'device busy' };
    const handle = await start({ cleanUp: async () => [debt] });
    expect(await end(handle)).toMatchObject({ status: 'COMPLETED', state: 'success' });
    expect(harness.projections.at(-1)?.patch.debts).toEqual([debt]);
  });

  test('is settled as a configuration error when its flow does not fit its plugins any more', async () => {
    const handle = await start({
      openTask: async () => {
        throw new Fault('flow_invalid', 'plugin gone v1.0.0 does not exist');
      },
    });
    expect(await end(handle)).toMatchObject({ status: 'FAILED', state: 'error', outcome: 'configuration' });
    expect(harness.calls).not.toContain('cleanUp');
  });
});
