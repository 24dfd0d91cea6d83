import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskAttempt } from '../../../src/model/attempt.ts';
import { settleStop } from '../../../src/services/tasks/settle-stop.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const error = { code: 'stopped', message: 'the task was stopped' } as const;
const attempt: TaskAttempt = { attempt: 1, state: 'canceled', error, steps: [], startedAt: '2026-11-01T10:00:00Z' };
const by = { by: 'ann', at: new Date(0) };

describe('settleStop', () => {
  test.each([
    [{ ...by, reason: 'not needed' }, 'the task was stopped by ann: not needed'],
    [by, 'the task was stopped by ann'],
    [undefined, 'the task was stopped'],
  ])('settleStop names user and reason in the errors of the task and its attempt: %j', async (stop, message) => {
    const { tasks } = opened.store;
    const id = `stopped-${message.length}`;
    await tasks.open(aTask('stopped', message.length, { id, ...(stop && { stop }) }), () => id);
    const patch = await settleStop(tasks, id, { state: 'canceled', error, attempts: [attempt] });
    expect([patch.error?.message, patch.attempts?.[0]?.error?.message]).toEqual([message, message]);
  });

  test('settleStop removes the stop of a task that succeeded after a reset', async () => {
    const { tasks } = opened.store;
    await tasks.open(aTask('reset', 1, { stop: by }), () => 'reset-1');
    const patch = await settleStop(tasks, 'reset-1', { state: 'success' });
    await tasks.project('reset-1', { runId: 'run-2', epoch: 9 }, patch, { takeOver: true });
    expect((await tasks.get('reset-1'))?.stop).toBeUndefined();
  });
});
