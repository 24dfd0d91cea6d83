import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTaskSteering } from '../../../src/adapters/temporal/task-messages.ts';
import type { RunnerEnd, TaskInput } from '../../../src/model/activities.ts';
import type { OverlapPolicy } from '../../../src/model/job.ts';
import { aJob } from '../../support/adapters/mongodb/records.ts';
import { createHarness, type Harness, plan, success } from '../../support/workflows/harness.ts';
import { until } from '../../support/workflows/until.ts';
import { createOrchestrator } from '../../support/workflows/update-run.ts';

let harness: Harness;
const opened: TaskInput[] = [];
/** Running runners by task; calling one ends it. */
const runners = new Map<string, (end?: RunnerEnd) => void>();

beforeAll(async () => {
  harness = await createHarness();
  harness.use({
    openTask: async (input) => {
      opened.push(input);
      return { ...plan, holdMs: 3600_000, ...(input.retry && { attempt: input.retry.attempt }) };
    },
    followRunner: ({ taskId }) =>
      new Promise<RunnerEnd>((resolve) => {
        runners.set(taskId, (end = success) => {
          runners.delete(taskId);
          resolve(end);
        });
      }),
  });
});
afterAll(async () => {
  for (const end of runners.values()) end();
  await harness.close();
});

const failed: RunnerEnd = {
  verdict: { state: 'error', failedStep: 'one' },
  restarts: 0,
  steps: [{ instance: 'one', state: 'error', error: { code: 'step_failed', message: 'no' } }],
};
const orchestrator = () => createOrchestrator(harness.client);
const jobOf = (id: string, overlap: OverlapPolicy = 'allow_all') =>
  aJob(id, { policy: { timeoutSeconds: 600, overlap, coalesce: false } });
const run = (id: string, overlap?: OverlapPolicy, key?: string) =>
  orchestrator().runJob(jobOf(id, overlap), {
    trigger: { type: 'manual' },
    run: { versions: {}, globalProperties: {} },
    ...(key && { key }),
  });
const retry = (id: string, number: number, overlap?: OverlapPolicy, key?: string) =>
  orchestrator().runJob(jobOf(id, overlap), {
    trigger: { type: 'manual', by: 'anna' },
    run: { versions: {}, globalProperties: {} },
    retry: { number, attempt: 2, versions: 'locked', by: 'anna' },
    ...(key && { key }),
  });
const running = (taskId: string) => until(() => runners.get(taskId));
const handle = (taskId: string) => harness.client.workflow.getHandle(`task/${taskId}`);
const ended = (taskId: string) => until(async () => (await handle(taskId).describe()).status.name !== 'RUNNING');
const projected = (taskId: string) => harness.projections.filter((one) => one.taskId === taskId).at(-1)?.patch;

/** Runs a task of the job to its end. */
async function settle(id: string): Promise<string> {
  const { taskId } = await run(id);
  (await running(taskId))();
  await ended(taskId);
  return taskId;
}

describe('a retry of a settled task from the start', () => {
  test('is a new run of the same workflow, with the next attempt, and the next task has the next number', async () => {
    const taskId = await settle('again');
    const { runId } = await handle(taskId).describe();
    expect(await retry('again', 1)).toEqual({ taskId, workflowId: `task/${taskId}` });
    (await running(taskId))();
    await until(async () => projected(taskId)?.attempt === 2 && projected(taskId)?.times?.settledAt);
    expect((await handle(taskId).describe()).runId).not.toBe(runId);
    expect(opened.at(-1)).toMatchObject({ number: 1, retry: { attempt: 2, versions: 'locked', by: 'anna' } });
    expect(projected(taskId)?.attempts).toMatchObject([
      { attempt: 2, versions: 'locked', by: 'anna', state: 'success' },
    ]);
    expect((await run('again')).taskId).toBe('again-2');
    (await running('again-2'))();
  });

  test('is refused while the task runs, and runs once when it is requested twice with one key', async () => {
    const taskId = await settle('once');
    await Promise.all([retry('once', 1, 'allow_all', 'k'), retry('once', 1, 'allow_all', 'k')]);
    const end = await running(taskId);
    expect(await retry('once', 1, 'allow_all', 'k')).toMatchObject({ taskId });
    await expect(retry('once', 1)).rejects.toMatchObject({
      code: 'conflict',
      message: `task ${taskId} is already running`,
    });
    end();
    await ended(taskId);
    expect(opened.filter(({ jobId }) => jobId === 'once')).toHaveLength(2);
  });

  test('follows the overlap policy like a manual run', async () => {
    await settle('turn');
    const { taskId } = await run('turn');
    const end = await running(taskId);
    await expect(retry('turn', 1, 'skip')).rejects.toMatchObject({ code: 'conflict' });
    expect(await retry('turn', 1, 'buffer_all')).toMatchObject({ taskId: 'turn-1' });
    expect(runners.has('turn-1')).toBe(false);
    end();
    (await running('turn-1'))();
    await ended('turn-1');
  });
});

test('a held task lets other tasks of its job run, and keeps them waiting while it is retried', async () => {
  const { taskId } = await run('held', 'buffer_all');
  (await running(taskId))(failed);
  await until(() => projected(taskId)?.state === 'held');
  await run('held', 'buffer_all');
  (await running('held-2'))();
  await ended('held-2');
  await createTaskSteering(harness.client).retry(taskId, { from: 'failed', by: 'anna' });
  const end = await running(taskId);
  expect((await run('held', 'buffer_all')).taskId).toBe('held-3');
  expect(opened.find(({ jobId, number }) => jobId === 'held' && number === 3)?.waitsFor ?? 'waits').toContain('waits');
  expect(runners.has('held-3')).toBe(false);
  end();
  (await running('held-3'))();
});
