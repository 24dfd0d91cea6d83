import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { connectStore, type Store } from '../../../src/adapters/mongodb/connect.ts';
import type { LogStore } from '../../../src/model/ports/logs.ts';
import { streamLogPages } from '../../../src/services/tasks/stream-log-pages.ts';
import { createTaskWatcher } from '../../../src/services/tasks/task-watcher.ts';
import { openMongoProxy } from '../../support/adapters/mongodb/open-mongo-proxy.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { addLines, aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const log = pino({ level: 'silent' });
const begin = (name: string) => opened.store.tasks.open(aTask(name, 1, { state: 'running' }), () => name);
const settle = (taskId: string) =>
  opened.store.tasks.project(taskId, { runId: 'run-1', epoch: 1 }, { state: 'success' });

/** Streams the log of a task; `texts` are the lines so far. */
function listen(taskId: string, store: Pick<Store, 'tasks' | 'logs'> = opened.store, limit = 100, logger = log) {
  const texts: string[] = [];
  const gone = new AbortController();
  const ports = { logs: store.logs, watcher: createTaskWatcher({ ...store, log }, 5), log: logger };
  const ended = (async () => {
    for await (const page of streamLogPages(ports, { taskId, limit }, gone.signal)) {
      texts.push(...page.items.map((item) => ('text' in item ? item.text : '(gap)')));
    }
  })();
  const heard = async (count: number): Promise<void> => {
    while (texts.length < count) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5))]);
  };
  return { texts, ended, heard, leave: () => gone.abort() };
}

describe('streamLogPages', () => {
  test('streamLogPages yields the stored lines, then each new line, and ends with the task', async () => {
    const { id: taskId } = await begin('live');
    await addLines(opened.store.logs, { taskId }, 0, 1, ['one', 'two']);
    const listener = listen(taskId);
    await listener.heard(2);
    await addLines(opened.store.logs, { taskId }, 1, 3, ['three']);
    await listener.heard(3);
    await addLines(opened.store.logs, { taskId, source: 'greeter-0' }, 0, 1, ['listening']);
    await addLines(opened.store.logs, { taskId }, 2, 4, ['four']);
    await settle(taskId);
    await listener.ended;
    expect(listener.texts.toSorted()).toEqual(['four', 'listening', 'one', 'three', 'two']);
  });

  test('streamLogPages yields all lines of a log that is longer than a page', async () => {
    const { id: taskId } = await begin('pages');
    const texts = Array.from({ length: 25 }, (_, n) => `line ${n}`);
    await addLines(opened.store.logs, { taskId }, 0, 1, texts);
    await settle(taskId);
    const listener = listen(taskId, opened.store, 3);
    await listener.ended;
    expect(listener.texts).toEqual(texts);
  });

  test('streamLogPages ends when its signal is aborted while the task is running', async () => {
    const { id: taskId } = await begin('gone');
    await addLines(opened.store.logs, { taskId }, 0, 1, ['one']);
    const listener = listen(taskId);
    await listener.heard(1);
    listener.leave();
    await listener.ended;
  });

  test('streamLogPages rejects an invalid cursor and rethrows errors other than connection failures', async () => {
    const { id: taskId } = await begin('refused');
    const ports = { logs: opened.store.logs, watcher: createTaskWatcher({ ...opened.store, log }, 5), log };
    const bad = streamLogPages(ports, { taskId, limit: 1, after: 'x' }, new AbortController().signal);
    await expect(bad.next()).rejects.toMatchObject({ code: 'invalid_request' });
    const failure = new Error('a bug in the code');
    const logs: LogStore = { ...opened.store.logs, streams: () => Promise.reject(failure) };
    const broken = streamLogPages({ ...ports, logs }, { taskId, limit: 1 }, new AbortController().signal);
    await expect(broken.next()).rejects.toBe(failure);
  });
});

test('streamLogPages waits for an unreachable MongoDB and then yields each line exactly once', async () => {
  const { id: taskId } = await begin('away');
  const { way, uri } = await openMongoProxy(opened.uri);
  const store = await connectStore(uri, 500);
  const listener = listen(taskId, store);
  try {
    await addLines(opened.store.logs, { taskId }, 0, 1, ['one']);
    await listener.heard(1);
    for (let n = 1; n <= 2; n += 1) {
      await way.down();
      expect(await store.healthy(1000)).toBe(false);
      await addLines(opened.store.logs, { taskId }, n, n + 1, [`while it was away ${n}`]);
      await way.up();
      await listener.heard(n + 1);
    }
    await way.down();
    const logged: string[] = [];
    const trying = pino({}, { write: (entry: string) => logged.push(entry) });
    const late = listen(taskId, store, 100, trying);
    while (!logged.join().includes('cannot read the log; retrying')) {
      await Promise.race([late.ended, new Promise((resolve) => setTimeout(resolve, 5))]);
    }
    await settle(taskId);
    await addLines(opened.store.logs, { taskId }, 3, 4, ['the last line']);
    await way.up();
    await Promise.all([listener.ended, late.ended]);
    expect(late.texts).toEqual(listener.texts);
    expect(listener.texts).toEqual(['one', 'while it was away 1', 'while it was away 2', 'the last line']);
  } finally {
    listener.leave();
    await store.close();
    await way.down();
  }
});
