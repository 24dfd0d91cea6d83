import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Fault } from '../../../src/model/fault.ts';
import type { Orchestrator } from '../../../src/model/ports/orchestrator.ts';
import type { TaskState } from '../../../src/model/task-state.ts';
import { stopTask } from '../../../src/services/tasks/stop-task.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
let count = 0;
/** Stop on record when the workflow is asked. */
let asked: unknown[] = [];
let down = false;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());
beforeEach(() => {
  asked = [];
  down = false;
});

const orchestrator = {
  async stopTask(taskId: string) {
    if (down) throw new Fault('unavailable', 'Temporal does not answer');
    asked.push({ taskId, stop: (await opened.store.tasks.get(taskId))?.stop });
  },
} as Orchestrator;

const begin = async (state: TaskState): Promise<string> => {
  count += 1;
  return (await opened.store.tasks.open(aTask('stop', count, { state }), () => `stop-${count}`)).id;
};
const stop = (taskId: string, who: { by: string; reason?: string }) =>
  stopTask({ tasks: opened.store.tasks, orchestrator }, taskId, who);

describe('stopTask', () => {
  test.each(['init', 'building', 'running'] as const)(
    'stopTask records user and reason before it asks the workflow of a task in state %s',
    async (state) => {
      const taskId = await begin(state);
      await stop(taskId, { by: 'ann', reason: 'not needed' });
      expect(asked).toEqual([{ taskId, stop: { by: 'ann', reason: 'not needed', at: expect.any(Date) } }]);
      expect((await opened.store.tasks.get(taskId))?.state).toBe(state);
    },
  );

  test('stopTask asks again when repeated and keeps the first stop on record', async () => {
    const taskId = await begin('running');
    await stop(taskId, { by: 'ann' });
    await stop(taskId, { by: 'bob', reason: 'too' });
    expect(asked).toHaveLength(2);
    const recorded = (await opened.store.tasks.get(taskId))?.stop;
    expect(recorded).toEqual({ by: 'ann', at: expect.any(Date) });
  });

  test.each(['success', 'error', 'canceled'] as const)(
    'stopTask rejects a task that ended with %s and changes nothing',
    async (state) => {
      const taskId = await begin(state);
      await expect(stop(taskId, { by: 'ann' })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(state),
      });
      expect(asked).toEqual([]);
      expect((await opened.store.tasks.get(taskId))?.stop).toBeUndefined();
    },
  );

  test('stopTask rejects an unknown task', async () => {
    await expect(stop('unknown-1', { by: 'ann' })).rejects.toMatchObject({ code: 'not_found' });
    expect(asked).toEqual([]);
  });

  test('stopTask throws unavailable while Temporal is unreachable, and can be repeated', async () => {
    const taskId = await begin('running');
    down = true;
    await expect(stop(taskId, { by: 'ann' })).rejects.toMatchObject({ code: 'unavailable' });
    down = false;
    await stop(taskId, { by: 'bob' });
    expect(asked).toMatchObject([{ taskId, stop: { by: 'ann' } }]);
  });
});
