import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunnerEnd, TaskInput } from '../../../src/model/activities.ts';
import type { RetryLimits } from '../../../src/model/attempt.ts';
import type { FaultCode } from '../../../src/model/fault.ts';
import { queues } from '../../../src/model/queues.ts';
import { createHarness, type Harness, plan, success } from '../../support/workflows/harness.ts';

let harness: Harness;
let number = 0;
beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.close());

const failedBy = (code: FaultCode): RunnerEnd => ({
  verdict: { state: 'error', failedStep: 'two' },
  exitCode: 0,
  restarts: 0,
  steps: [
    { instance: 'one', state: 'success' },
    { instance: 'two', state: 'error', error: { code, message: 'expected 1, got 2' } },
  ],
});
const evicted: RunnerEnd = { restarts: 0, steps: [], fault: { code: 'evicted', message: 'the node was full' } };

/** Runs a task whose attempts end as given, the last end also for all later ones; returns its last projection. */
async function run(ends: RunnerEnd[], retries?: RetryLimits) {
  const cleaned: string[] = [];
  let attempts = 0;
  harness.use({
    openTask: async () => ({ ...plan, ...(retries && { retries }) }),
    createRunner: async ({ attempt }) => {
      attempts = attempt;
      return { name: `test-runner-abcd1234-${attempt}`, uid: `uid-${attempt}` };
    },
    followRunner: async ({ attempt }) => ends[Math.min(attempt, ends.length) - 1] ?? success,
    cleanUp: async ({ testId }) => {
      cleaned.push(testId);
      return [];
    },
  });
  number += 1;
  const input: TaskInput = {
    jobId: 'retries',
    testFlowId: 'flow',
    number,
    trigger: { type: 'manual' },
    requestedAt: new Date(0).toISOString(),
    run: { versions: {}, globalProperties: {} },
  };
  const options = { workflowId: `task/retry-budget-${number}`, taskQueue: queues.control, args: [input] };
  const handle = await harness.client.workflow.start('task', options);
  await handle.result().catch(() => undefined);
  const patches = harness.projections.map(({ patch }) => patch);
  const records = patches.flatMap((patch) => patch.attempts ?? []);
  return { last: patches.at(-1), attempts, cleaned: cleaned.length, records };
}

describe('a failing test', () => {
  test('is not retried unless its job says so', async () => {
    const { last, attempts } = await run([failedBy('step_failed')]);
    expect([attempts, last?.state, last?.outcome]).toEqual([1, 'error', 'test']);
    expect(last?.retries).toEqual({ test: { used: 0, of: 0 }, infrastructure: { used: 0, of: 5 } });
  });

  test('is retried as a whole, after a cleanup, until it succeeds', async () => {
    const failed = failedBy('step_failed');
    const { last, attempts, cleaned, records } = await run([failed, failed, success], { test: 3, infrastructure: 0 });
    expect([attempts, cleaned, last?.state, last?.outcome]).toEqual([3, 3, 'success', undefined]);
    expect(last?.retries).toEqual({ test: { used: 2, of: 3 }, infrastructure: { used: 0, of: 0 } });
    expect(records.find(({ attempt, state }) => attempt === 1 && state === 'error')).toMatchObject({
      outcome: 'test',
      error: { message: 'expected 1, got 2', where: { step: 'two' } },
    });
  });

  test('fails when its budget is used up', async () => {
    const { last, attempts } = await run([failedBy('step_failed')], { test: 2, infrastructure: 5 });
    expect([attempts, last?.state]).toEqual([3, 'error']);
    expect(last?.retries?.test).toEqual({ used: 2, of: 2 });
  });

  test('is retried when a step exceeds its time limit', async () => {
    const { attempts, last } = await run([failedBy('step_timeout'), success], { test: 1, infrastructure: 0 });
    expect([attempts, last?.state]).toEqual([2, 'success']);
  });

  test('is never retried when its configuration is wrong', async () => {
    const { attempts, last } = await run([failedBy('input_invalid')], { test: 3, infrastructure: 3 });
    expect([attempts, last?.outcome]).toEqual([1, 'configuration']);
  });
});

test('an infrastructure fault uses its own budget and not that of the test', async () => {
  const { last, attempts } = await run([evicted, failedBy('step_failed'), success], { test: 1, infrastructure: 1 });
  expect([attempts, last?.state]).toEqual([3, 'success']);
  expect(last?.retries).toEqual({ test: { used: 1, of: 1 }, infrastructure: { used: 1, of: 1 } });
});

test('an infrastructure fault ends the task when its budget is used up', async () => {
  const { last, attempts } = await run([evicted], { test: 3, infrastructure: 0 });
  expect([attempts, last?.outcome]).toEqual([1, 'infrastructure']);
});
