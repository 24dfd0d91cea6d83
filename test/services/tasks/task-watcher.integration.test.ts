import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { LogStore } from '../../../src/model/ports/logs.ts';
import { createTaskWatcher, type TaskWatch } from '../../../src/services/tasks/task-watcher.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { addLines, aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const never = new AbortController().signal;
const begin = (name: string) => opened.store.tasks.open(aTask(name, 1, { state: 'running' }), () => name);
const settle = (taskId: string) =>
  opened.store.tasks.project(taskId, { runId: 'run-1', epoch: 1 }, { state: 'success' });

/** Creates a watcher that counts its polls of tasks: all so far, and the maximum at once. */
function counted(logs: LogStore = opened.store.logs) {
  const looks = { all: 0, now: 0, most: 0 };
  const { tasks } = opened.store;
  const watcher = createTaskWatcher(
    {
      log: pino({ level: 'silent' }),
      logs,
      tasks: {
        ...tasks,
        async get(id) {
          looks.all += 1;
          looks.now += 1;
          looks.most = Math.max(looks.most, looks.now);
          // Long enough for a second poller to begin, if there were one.
          await new Promise((resolve) => setTimeout(resolve, 5));
          return tasks.get(id).finally(() => {
            looks.now -= 1;
          });
        },
      },
    },
    5,
  );
  return { looks, watcher };
}

const moreThan = async (looks: { all: number }, count: number): Promise<void> => {
  while (looks.all <= count) await new Promise((resolve) => setTimeout(resolve, 5));
};
/** Waits until a watch has seen everything that was stored at its begin. */
const seen = async (watch: TaskWatch): Promise<number> => {
  while (watch.version() === 0) await watch.changedSince(0, never);
  return watch.version();
};

describe('the task watcher', () => {
  test('the task watcher polls MongoDB with one poller for all listeners and stops after the last one', async () => {
    const { looks, watcher } = counted();
    await begin('many');
    const watches = Array.from({ length: 20 }, () => watcher.watch('many-1'));
    await moreThan(looks, 10);
    expect(looks.most).toBe(1);
    const last = watches.pop();
    for (const watch of watches) watch.leave();
    await moreThan(looks, looks.all + 3);
    last?.leave();
    // A poll may be in progress; two counts, twenty pauses apart, prove that none follows.
    let before = -1;
    while (before !== looks.all) {
      before = looks.all;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const again = watcher.watch('many-1');
    await moreThan(looks, before + 2);
    again.leave();
  });

  test('the task watcher reports new lines of all sources and the end', async () => {
    const { watcher } = counted();
    const { id: taskId } = await begin('news');
    const watch = watcher.watch(taskId);
    let version = await seen(watch);
    for (const [n, source] of ['runner', 'greeter-0', 'runner', 'greeter-0'].entries()) {
      const change = watch.changedSince(version, never);
      await addLines(opened.store.logs, { taskId, source }, Math.floor(n / 2), n, [`line ${n}`]);
      await change;
      version = watch.version();
      expect(watch.settled()).toBe(false);
    }
    const change = watch.changedSince(version, never);
    await settle(taskId);
    await change;
    expect(watch.settled()).toBe(true);
    watch.leave();
  });

  test('the task watcher reports changes between two calls at once and releases an aborted listener', async () => {
    const { watcher } = counted();
    const { id: taskId } = await begin('between');
    const watch = watcher.watch(taskId);
    const version = await seen(watch);
    await watch.changedSince(version - 1, never);
    const gone = new AbortController();
    const waiting = watch.changedSince(version, gone.signal);
    gone.abort();
    await waiting;
    await watch.changedSince(version, gone.signal);
    expect(watch.version()).toBe(version);
    watch.leave();
  });

  test('the task watcher treats a task without a record as settled', async () => {
    const { watcher } = counted();
    const watch = watcher.watch('unknown-1');
    await seen(watch);
    expect(watch.settled()).toBe(true);
    watch.leave();
  });
});

describe('the task watcher with a failing query', () => {
  const broken = new Error('the connection broke');

  test('the task watcher reports the end of a task although a query failed at that moment', async () => {
    const { logs, tasks } = opened.store;
    const { id: taskId } = await begin('end');
    let failed = false;
    const { watcher } = counted({
      ...logs,
      async streams(id) {
        if (failed || (await tasks.get(id))?.state !== 'success') return logs.streams(id);
        failed = true;
        throw broken;
      },
    });
    const watch = watcher.watch(taskId);
    const version = await seen(watch);
    await settle(taskId);
    await watch.changedSince(version, never);
    expect([failed, watch.settled()]).toEqual([true, true]);
    watch.leave();
  });

  test('the task watcher reports lines that were found before a query of the same poll failed', async () => {
    const { logs } = opened.store;
    const { id: taskId } = await begin('hidden');
    let fail = false;
    let failed = false;
    const { watcher } = counted({
      ...logs,
      async last(stream) {
        const found = await logs.last(stream);
        fail ||= stream === `${taskId}/runner` && found?.n === 1;
        return found;
      },
      async read(stream, ...more) {
        if (!fail || failed || stream !== `${taskId}/greeter-0`) return logs.read(stream, ...more);
        failed = true;
        throw broken;
      },
    });
    await addLines(logs, { taskId }, 0, 1, ['one']);
    await addLines(logs, { taskId, source: 'greeter-0' }, 0, 1, ['one']);
    const watch = watcher.watch(taskId);
    const version = await seen(watch);
    // The runner's stream is read first, so its new line is found by the poll that fails later.
    await addLines(logs, { taskId }, 1, 2, ['two']);
    await watch.changedSince(version, never);
    expect(failed).toBe(true);
    watch.leave();
  });
});
