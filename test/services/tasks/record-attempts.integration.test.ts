import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AttemptEntry } from '../../../src/model/attempt.ts';
import type { FaultReport } from '../../../src/model/fault.ts';
import type { StepSpec } from '../../../src/model/flow.ts';
import type { TaskStart } from '../../../src/model/ports/accepted-tasks.ts';
import type { StepProgress } from '../../../src/model/step.ts';
import { recordAttempts } from '../../../src/services/tasks/record-attempts.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const pipeline = ['one', 'two', 'three'].map((instance): StepSpec => {
  return { instance, plugin: 'bash', version: 'v1.0.0', input: {} };
});
const failure: FaultReport = { code: 'step_failed', message: 'no' };
const entry = (attempt: number, more: Partial<AttemptEntry>): AttemptEntry => {
  return { attempt, state: 'running', startedAt: '2026-11-30T10:00:00.000Z', ...more };
};

/** Creates a task whose first attempt has these steps, as written by its follower. */
async function followed(jobId: string, steps: StepProgress[]): Promise<string> {
  const { store } = opened;
  const task = await store.tasks.open(aTask(jobId, 1, { pipeline }), () => `${jobId}x`);
  const grant = await store.steps.grant(task.id, 1, { runId: task.runId, epoch: 3, try: 1 });
  if (grant) await store.steps.write(grant, steps);
  return task.id;
}

async function record(taskId: string, epoch: number, ...attempts: AttemptEntry[]): Promise<void> {
  const { store } = opened;
  const { runId = '' } = (await store.tasks.summary(taskId)) ?? {};
  await recordAttempts(store, { taskId, writer: { runId, epoch, try: 1 }, attempts }, async () => true);
  const patch = { attempts, attempt: attempts.at(-1)?.attempt ?? 1 };
  await store.tasks.project(taskId, { runId, epoch }, patch);
}

const statesOf = (steps: readonly StepProgress[] = []): string[] => steps.map(({ state }) => state);

test('a retry from the failed step begins with the succeeded steps, and the previous attempt keeps its steps', async () => {
  const id = await followed('seeded', [
    { instance: 'one', state: 'success' },
    { instance: 'two', state: 'error', error: failure },
  ]);
  await record(id, 4, entry(1, { state: 'error', outcome: 'test', error: failure }), entry(2, { from: 'two' }));
  const task = await opened.store.tasks.get(id);
  expect(statesOf(task?.steps)).toEqual(['success', 'pending', 'pending']);
  expect(task?.attempts.map(({ steps }) => statesOf(steps))).toEqual([
    ['success', 'error', 'pending'],
    ['success', 'pending', 'pending'],
  ]);
});

test('a retry that could not begin has the error in its first step', async () => {
  const id = await followed('unbegun', [{ instance: 'one', state: 'success' }]);
  const error = { ...failure, where: { step: 'two' } };
  await record(id, 4, entry(1, { state: 'error', error: failure }), entry(2, { from: 'two' }));
  await record(id, 5, entry(2, { from: 'two', state: 'error', error }));
  expect((await opened.store.tasks.get(id))?.steps).toEqual([
    { instance: 'one', state: 'success' },
    { instance: 'two', state: 'error', error },
    { instance: 'three', state: 'pending' },
  ]);
});

test('an infrastructure fault ends the running step of its attempt, and a late follower changes nothing', async () => {
  const id = await followed('ended', [{ instance: 'one', state: 'running' }]);
  const error: FaultReport = { code: 'node_lost', message: 'gone' };
  await record(id, 4, entry(1, { state: 'error', outcome: 'infrastructure', error }));
  const { store } = opened;
  expect((await store.tasks.get(id))?.steps[0]).toEqual({ instance: 'one', state: 'error', error });
  expect(await store.steps.grant(id, 1, { runId: aTask('ended', 1).runId, epoch: 3, try: 2 })).toBeUndefined();
});

/** Creates a settled task with one attempt, and accepts its next one. */
async function settled(jobId: string): Promise<{ id: string; start: TaskStart }> {
  const id = await followed(jobId, [
    { instance: 'one', state: 'success' },
    { instance: 'two', state: 'error', error: failure },
  ]);
  await record(id, 4, entry(1, { state: 'error', outcome: 'test', error: failure }));
  const { runId } = aTask(jobId, 1);
  await opened.store.tasks.project(id, { runId, epoch: 5 }, { state: 'error', times: { settledAt: new Date() } });
  const request: TaskStart['request'] = {
    ...{ testFlowId: 'f1', lastNumber: 1, key: 'k', requestedAt: '2026-11-30T10:00:00.000Z' },
    policy: { timeoutSeconds: 600, overlap: 'allow_all', coalesce: false },
    trigger: { type: 'manual' },
    run: { versions: {}, globalProperties: {} },
  };
  return { id, start: { id: `${jobId}-start`, jobId, at: new Date(), request } };
}

const before = ['success', 'error', 'pending'];
const allPending = ['pending', 'pending', 'pending'];

describe('a settled task whose next attempt is accepted but has not begun', () => {
  test('an accepted retry shows all steps as pending, and the previous attempt with its steps', async () => {
    const { id, start } = await settled('queued');
    await opened.store.tasks.acceptAgain(id, 1, start);
    const task = await opened.store.tasks.get(id);
    expect([statesOf(task?.steps), task?.attempts.map(({ steps }) => statesOf(steps))]).toEqual([allPending, [before]]);
  });

  test('a withdrawn retry restores the steps of the previous attempt', async () => {
    const { id, start } = await settled('withdrawn');
    const was = await opened.store.tasks.get(id);
    await opened.store.tasks.acceptAgain(id, 1, start);
    expect(await opened.store.tasks.withdraw(id, start.id)).toBe(true);
    expect(await opened.store.tasks.get(id)).toEqual(was);
  });

  test('a retry that is stopped before it begins keeps the steps of both attempts separate', async () => {
    const { id, start } = await settled('stopped');
    await opened.store.tasks.acceptAgain(id, 1, start);
    await opened.store.tasks.cancelStart(id, { message: 'stopped', at: new Date() });
    const task = await opened.store.tasks.get(id);
    expect([task?.state, statesOf(task?.steps)]).toEqual(['canceled', allPending]);
    expect(task?.attempts.map(({ steps }) => statesOf(steps))).toEqual([before, allPending]);
  });

  test('a claimed retry shows the steps that its follower records', async () => {
    const { id, start } = await settled('claimed');
    const { tasks, steps } = opened.store;
    await tasks.acceptAgain(id, 1, start);
    await tasks.claim(id, start.id, { workflowId: `task/${id}`, runId: 'run-2', at: new Date() });
    const grant = await steps.grant(id, 2, { runId: 'run-2', epoch: 1, try: 1 });
    if (grant) await steps.write(grant, [{ instance: 'one', state: 'running' }]);
    const task = await tasks.get(id);
    expect([statesOf(task?.steps), statesOf(task?.attempts[0]?.steps)]).toEqual([
      ['running', 'pending', 'pending'],
      before,
    ]);
  });
});

test('deleting a task removes the step records of all its attempts', async () => {
  const { id, start } = await settled('deleted');
  const { tasks, steps } = opened.store;
  await tasks.acceptAgain(id, 1, start);
  await tasks.claim(id, start.id, { workflowId: `task/${id}`, runId: 'run-2', at: new Date() });
  const grant = await steps.grant(id, 2, { runId: 'run-2', epoch: 1, try: 1 });
  if (grant) await steps.write(grant, [{ instance: 'one', state: 'success' }]);
  expect(await tasks.delete(id)).toBe(true);
  expect([await steps.read(id, 1), await steps.read(id, 2)]).toEqual([undefined, undefined]);
});

test('an accepted task that gets its pipeline at its begin shows the steps that its follower records', async () => {
  const { tasks, steps } = opened.store;
  const { start } = await settled('filled');
  const task = aTask('filled', 2);
  await tasks.accept(task, () => 'filled2x', { ...start, id: 'filled-2' });
  await tasks.claim(task.id, 'filled-2', { workflowId: `task/${task.id}`, runId: 'run-3', at: new Date() });
  const { testFlowId, flowRevision, globals, versions } = task;
  await tasks.fill(task.id, { testFlowId, flowRevision, pipeline, globals, versions });
  const grant = await steps.grant(task.id, 1, { runId: 'run-3', epoch: 1, try: 1 });
  if (grant) await steps.write(grant, [{ instance: 'one', state: 'success' }]);
  expect(statesOf((await tasks.get(task.id))?.steps)).toEqual(['success', 'pending', 'pending']);
});
