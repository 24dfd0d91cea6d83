import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AttemptEntry } from '../../src/model/attempt.ts';
import type { FaultReport } from '../../src/model/fault.ts';
import type { StepSpec } from '../../src/model/flow.ts';
import type { StepProgress } from '../../src/model/task.ts';
import { recordAttempts } from '../../src/tasks/record-attempts.ts';
import { openStore, type TestStore } from '../store/open-store.ts';
import { aTask } from '../store/records.ts';

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

/** A task whose first attempt has these steps, as its follower wrote them. */
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

test('a retry from the failed step begins with the steps that have succeeded, and the attempt before keeps its own', async () => {
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

test('a retry that could not begin has failed in the step that it was to begin with', async () => {
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

test('in an attempt that the infrastructure has ended, a step that ran has ended with it, and a late follower changes nothing', async () => {
  const id = await followed('ended', [{ instance: 'one', state: 'running' }]);
  const error: FaultReport = { code: 'node_lost', message: 'gone' };
  await record(id, 4, entry(1, { state: 'error', outcome: 'infrastructure', error }));
  const { store } = opened;
  expect((await store.tasks.get(id))?.steps[0]).toEqual({ instance: 'one', state: 'error', error });
  expect(await store.steps.grant(id, 1, { runId: aTask('ended', 1).runId, epoch: 3, try: 2 })).toBeUndefined();
});
