import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { mongoUnavailable } from '../../../src/model/mongo-timeout.ts';
import type { Task } from '../../../src/model/task.ts';
import { reconcileStarts } from '../../../src/services/jobs/reconcile-starts.ts';
import { type Answer, beginTask, openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
/** Overrides the store's count of unclaimed tasks. */
let unclaimed: number | undefined;
/** The write before which MongoDB fails. */
let isAway: 'withdraw' | 'markDispatched' | undefined;
const gone = () => Promise.reject(mongoUnavailable('connection closed'));

beforeAll(async () => {
  api = await openApi({
    wrap: (store) => ({
      ...store,
      tasks: {
        ...store.tasks,
        withdraw: (...of) => (isAway === 'withdraw' ? gone() : store.tasks.withdraw(...of)),
        markDispatched: (...of) => (isAway === 'markDispatched' ? gone() : store.tasks.markDispatched(...of)),
        countUnclaimed: async () => unclaimed ?? store.tasks.countUnclaimed(),
      },
    }),
  });
});
afterEach(() => {
  unclaimed = undefined;
  isAway = undefined;
  Object.assign(api.orchestrator, { idle: false, down: false });
});
afterAll(() => api.close());

const log = pino({ level: 'silent' });
const run = (jobId: string, headers?: Record<string, string>): Promise<Answer> =>
  api.post(`/jobs/${jobId}/run`, {}, headers);
const tasksOf = async (jobId: string): Promise<Task[]> => (await api.get(`/tasks?jobId=${jobId}`)).body.items;
/** Creates a job with an overlap policy. */
async function jobBy(overlap: string): Promise<string> {
  const id = await api.saveJob();
  const { name, testFlowId } = (await api.get(`/jobs/${id}`)).body;
  const body = JSON.stringify({ name, testFlowId, policy: { timeoutSeconds: 600, overlap } });
  await api.send(`/api/v1/jobs/${id}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
  return id;
}
/** Returns the id of the last start that was passed to Temporal. */
const lastStart = (): string => api.orchestrator.runs.at(-1)?.accepted?.startId ?? '';
const reconcile = () => reconcileStarts({ tasks: api.store.tasks, orchestrator: api.orchestrator, log });
/** Backdates the start of a task. */
async function age(taskId: string, minutes: number, dispatched: boolean): Promise<string> {
  const { tasks } = api.store;
  const task = await tasks.get(taskId);
  const start = await tasks.startOf(taskId);
  if (!task || !start) throw new Error(`${taskId} has no start`);
  const then = new Date(Date.now() - minutes * 60_000);
  await tasks.delete(taskId);
  await tasks.accept(task, () => task.testId, {
    ...start,
    at: then,
    ...{ dispatchedAt: dispatched ? then : undefined },
  });
  return start.id;
}

describe('a run accepted without a worker', () => {
  test('is visible at once in the task, filtered lists, the job, and its log as pages and as a stream', async () => {
    api.orchestrator.idle = true;
    const jobId = await api.saveJob();
    const { status, body, headers } = await run(jobId);
    expect([status, body]).toEqual([202, { taskId: `${jobId}-1`, workflowId: `task/${jobId}-1` }]);
    const task = await api.send(headers.get('location') ?? '', {});
    expect(task.body).toMatchObject({ state: 'init', attempt: 1, trigger: { type: 'manual', by: 'local' } });
    expect(task.body.reason).toBe('waits for a worker to start it');
    expect(task.body.steps).toEqual([
      { instance: 'greeter', state: 'pending' },
      { instance: 'check', state: 'pending' },
    ]);
    for (const query of [`jobId=${jobId}`, `jobId=${jobId}&state=init`]) {
      expect((await api.get(`/tasks?${query}`)).body.items).toMatchObject([{ id: body.taskId }]);
    }
    expect((await api.get(`/jobs/${jobId}`)).body).toMatchObject({ execCount: 1, lastTasks: [{ id: body.taskId }] });
    for (const path of ['logs', 'pods', 'artifacts', 'testcases', 'lockfile']) {
      expect([path, (await api.get(`/tasks/${body.taskId}/${path}`)).status]).toEqual([path, 200]);
    }
    const stream = await api.api.request(`/api/v1/tasks/${body.taskId}/logs`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
  });

  test('is stopped in its record with the reason in its error, and starts nothing when a worker starts', async () => {
    api.orchestrator.idle = true;
    const { taskId } = (await run(await api.saveJob())).body;
    expect((await api.post(`/tasks/${taskId}/stop`, { reason: 'wrong version' })).status).toBe(202);
    const { body } = await api.get(`/tasks/${taskId}`);
    expect(body).toMatchObject({
      state: 'canceled',
      outcome: 'stopped',
      stop: { by: 'local', reason: 'wrong version' },
    });
    expect(body.error.message).toBe('the task was stopped by local: wrong version');
    await beginTask(api.store, taskId, lastStart());
    expect((await api.get(`/tasks/${taskId}`)).body.state).toBe('canceled');
  });
});

describe('a run that Temporal does not accept', () => {
  test('gets 503 with Retry-After, leaves nothing, and a late delivery starts nothing', async () => {
    const jobId = await api.saveJob();
    api.orchestrator.idle = true;
    const { startTask } = api.orchestrator;
    // Delivered, but the response is lost.
    api.orchestrator.startTask = async (id, request) => {
      await startTask(id, request);
      api.orchestrator.down = true;
      await startTask(id, request);
    };
    const { status, headers, body } = await run(jobId, { 'idempotency-key': 'late' });
    api.orchestrator.startTask = startTask;
    expect([status, headers.get('retry-after'), body.code]).toEqual([503, '5', 'unavailable']);
    await beginTask(api.store, `${jobId}-1`, lastStart());
    expect(await tasksOf(jobId)).toEqual([]);
    api.orchestrator.down = false;
    const again = await run(jobId, { 'idempotency-key': 'late' });
    expect([again.status, (await tasksOf(jobId)).map(({ id }) => id)]).toEqual([202, [again.body.taskId]]);
  });

  test.each(['withdraw', 'markDispatched'] as const)(
    'gets an error that it may start all the same if MongoDB fails before %s, and is accepted when repeated with its key',
    async (write) => {
      const jobId = await api.saveJob();
      Object.assign(api.orchestrator, { idle: true, down: write === 'withdraw' });
      isAway = write;
      const key = { 'idempotency-key': `fate-${write}` };
      const { status, headers, body } = await run(jobId, key);
      expect([status, headers.get('retry-after'), body.code]).toEqual([503, '5', 'unavailable']);
      const taskId = `${jobId}-1`;
      expect(body.detail).toContain(`task ${taskId} may still start`);
      expect(body.hint).toContain(`GET /tasks/${taskId}`);
      expect((await api.get(`/tasks/${taskId}`)).status).toBe(200);
      isAway = undefined;
      api.orchestrator.down = false;
      expect(await run(jobId, key)).toMatchObject({ status: 202, body: { taskId } });
      expect(await tasksOf(jobId)).toHaveLength(1);
    },
  );

  test('does not change a settled task that was to be retried', async () => {
    const { taskId } = (await run(await api.saveJob())).body;
    const settledAt = new Date();
    const end = {
      state: 'error',
      outcome: 'test',
      error: { code: 'step_failed', message: 'no' },
      times: { settledAt },
    } as const;
    await api.store.tasks.project(taskId, { runId: 'run-1', epoch: 2 }, end);
    const before = await api.store.tasks.get(taskId);
    api.orchestrator.down = true;
    expect((await api.post(`/tasks/${taskId}/retry`, { from: 'start' })).status).toBe(503);
    expect(await api.store.tasks.get(taskId)).toEqual(before);
    Object.assign(api.orchestrator, { down: false, idle: true });
    expect((await api.post(`/tasks/${taskId}/retry`, { from: 'start' })).body).toEqual({ taskId, attempt: 2 });
    const { body } = await api.get(`/tasks/${taskId}`);
    expect([body.state, body.attempt, body.outcome, body.error, body.times.settledAt]).toEqual(['init', 2]);
    expect((await api.post(`/tasks/${taskId}/retry`, { from: 'start' })).status).toBe(409);
  });
});

test('an Idempotency-Key sent 20 times at once creates one task, named by all responses', async () => {
  const jobId = await api.saveJob();
  const answers = await Promise.all(Array.from({ length: 20 }, () => run(jobId, { 'idempotency-key': 'same' })));
  const [task, ...others] = await tasksOf(jobId);
  expect(others).toEqual([]);
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.taskId}`))).toEqual(new Set([`202 ${task?.id}`]));
  await api.store.tasks.delete(task?.id ?? '');
  expect((await run(jobId, { 'idempotency-key': 'same' })).body.taskId).not.toBe(task?.id);
});

test('concurrent runs get distinct numbers without a gap', async () => {
  const jobId = await api.saveJob();
  const answers = await Promise.all(Array.from({ length: 20 }, () => run(jobId)));
  const wanted = Array.from({ length: 20 }, (_, n) => `${jobId}-${n + 1}`);
  expect(answers.map(({ body }) => body.taskId).sort()).toEqual(wanted.sort());
});

describe('without a worker, the overlap policy', () => {
  test('skip rejects a run and names the running task', async () => {
    api.orchestrator.idle = true;
    const jobId = await jobBy('skip');
    await run(jobId);
    const { status, body } = await run(jobId);
    expect([status, body.detail]).toEqual([
      409,
      `task ${jobId}-1 blocks this run: ${jobId}-1 is running, and the overlap policy is skip`,
    ]);
    expect(await tasksOf(jobId)).toHaveLength(1);
  });

  test('buffer_one accepts one waiting run and rejects the next', async () => {
    api.orchestrator.idle = true;
    const jobId = await jobBy('buffer_one');
    expect([(await run(jobId)).status, (await run(jobId)).status]).toEqual([202, 202]);
    const { status, body } = await run(jobId);
    expect([status, body.detail]).toEqual([409, expect.stringContaining(`task ${jobId}-2 blocks this run`)]);
  });
});

test('a run beyond the limit of accepted tasks gets 429 with Retry-After at once, and leaves nothing', async () => {
  const jobId = await api.saveJob();
  unclaimed = 1000;
  const { status, headers, body } = await run(jobId);
  expect([status, headers.get('retry-after'), body.code]).toEqual([429, '5', 'too_many_requests']);
  expect(await tasksOf(jobId)).toEqual([]);
});

describe('the janitor', () => {
  test('withdraws a run whose server was killed before Temporal accepted it', async () => {
    api.orchestrator.idle = true;
    const { taskId } = (await run(await api.saveJob())).body;
    const startId = await age(taskId, 3, false);
    await reconcile();
    expect((await api.get(`/tasks/${taskId}`)).status).toBe(404);
    await beginTask(api.store, taskId, startId);
    expect((await api.get(`/tasks/${taskId}`)).status).toBe(404);
  });

  test('signals the job again for a run that no workflow has claimed for long, but not for a started run', async () => {
    api.orchestrator.idle = true;
    const { taskId } = (await run(await api.saveJob())).body;
    const startId = await age(taskId, 11, true);
    api.orchestrator.runs.length = 0;
    await reconcile();
    expect(api.orchestrator.runs).toMatchObject([{ accepted: { startId } }]);
    await beginTask(api.store, taskId, startId);
    await reconcile();
    expect(api.orchestrator.runs).toHaveLength(1);
    expect((await api.get(`/tasks/${taskId}`)).body.state).toBe('running');
  });
});
