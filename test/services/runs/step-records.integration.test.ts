import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LogChunk } from '../../../src/model/log.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { lineByLine, script, startFollowing, streamOf } from '../../support/services/runs/following.ts';
import { lines, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `s${n}`);

async function chunksOf(taskId: string): Promise<LogChunk[]> {
  const last = await opened.store.logs.last(streamOf(taskId));
  return opened.store.logs.read(streamOf(taskId), 0, (last?.n ?? -1) + 1);
}

test('each chunk of a log has only the newest changes of steps, however many steps exist', async () => {
  const { store } = opened;
  const scripted = new ScriptedRun('many-1', [{ lines: lines(0, script(...names(300))), end: { exitCode: 0 } }]);
  const end = await startFollowing(store, scripted).end;
  expect(end.summary?.counts).toEqual({ success: 300 });
  expect((await store.steps.read('many-1', 1))?.steps).toHaveLength(300);
  const chunks = await chunksOf('many-1');
  expect(Math.max(...chunks.map(({ position }) => position.steps?.length ?? 0))).toBeLessThanOrEqual(51);
  for (const step of ['s0', 's150', 's299']) {
    const { items } = await readLogs(store.logs, { taskId: 'many-1', filter: { step }, limit: 10 });
    expect(items.map((item) => 'text' in item && item.text)).toEqual([`${step} works`, `${step} works on`]);
  }
}, 120_000);

test('the next follower writes the steps that a killed follower has not written', async () => {
  const { store } = opened;
  const scripted = new ScriptedRun('killed-1', [{ lines: lines(0, script('a', 'b')), end: { exitCode: 0 } }]);
  const away = new Error('MongoDB does not answer');
  const killed = startFollowing(store, scripted, {
    // Writes logs, but no steps.
    steps: { ...store.steps, write: () => Promise.reject(away) },
    runtime: lineByLine(scripted.runtime, () => undefined),
  });
  await expect(killed.end).rejects.toThrow();
  expect(await startFollowing(store, scripted, { writer: { epoch: 1, try: 2 } }).end).toMatchObject({
    verdict: { state: 'success' },
  });
  expect((await store.steps.read('killed-1', 1))?.steps).toMatchObject([
    { instance: 'a', state: 'success', begun: 0, over: 0 },
    { instance: 'b', state: 'success', begun: 1, over: 1 },
  ]);
});

test('a follower ends when a later follower of its run has the grant to write the steps', async () => {
  const { store } = opened;
  const scripted = new ScriptedRun('late-2', [{ lines: lines(0, script('a', 'b')), end: { exitCode: 0 } }]);
  await startFollowing(store, scripted, { writer: { epoch: 2, try: 1 } }).end;
  const stale = startFollowing(store, scripted, { isCurrent: async () => false });
  await expect(stale.end).rejects.toMatchObject({ code: 'conflict' });
});
