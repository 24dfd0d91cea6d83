import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { MarkedObject, Runtime } from '../../../src/model/engine/runtime.ts';
import type { CleanupDebt } from '../../../src/model/task.ts';
import { removeOrphans } from '../../../src/services/tasks/remove-orphans.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';

// What both runtimes do with orphans is in test/support/model/engine/orphan-contract.ts.
let opened: TestStore;
let there: MarkedObject[];
let left: CleanupDebt[];
let cleaned: object[];
let logged: string[];
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());
beforeEach(() => {
  [there, left, cleaned, logged] = [[], [], [], []];
});

const minute = 60_000;
const made = new Date('2026-11-24T10:00:00Z');

function object(testid: string, more: Partial<MarkedObject> = {}): MarkedObject {
  return { kind: 'container', name: `of-${testid}`, uid: testid, labels: { testid }, createdAt: made, ...more };
}
const own = (testid: string, taskId: string): MarkedObject =>
  object(testid, { installation: opened.store.installation, taskId, runId: 'run-1' });

async function look(): Promise<void> {
  const runtime = {
    everything: async () => there,
    cleanup: async (scope: object) => {
      cleaned.push(scope);
      return left;
    },
  } as unknown as Runtime;
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(JSON.parse(line).msg) });
  const orchestrator = { taskRun: async () => undefined };
  const at = { grace: 10 * minute, now: made.getTime() + 11 * minute };
  await removeOrphans({ ...opened.store, runtime, orchestrator, log }, at, new AbortController().signal);
}

test('what cannot be removed is counted for the metrics, until it is gone', async () => {
  there = [own('a', 'gone-1')];
  left = [{ kind: 'container', name: 'of-a', uid: 'a', reason: 'device busy' }];
  const counted = async () => (await opened.store.counts.counts(3000)).orphans;
  await look();
  expect(await counted()).toEqual({ unmarked: 0, unremovable: 1 });
  expect(cleaned).toEqual([{ testId: 'a', runId: 'run-1', installation: opened.store.installation }]);
  there = [];
  await look();
  expect(await counted()).toEqual({ unmarked: 0, unremovable: 0 });
});

test('what has no mark is told once, and again when there is more of it', async () => {
  there = [object('b')];
  await look();
  await look();
  expect(logged).toHaveLength(1);
  there = [object('b'), object('c')];
  await look();
  expect(logged).toHaveLength(2);
  expect((await opened.store.orphans.get()).unmarked).toEqual(['container of-b', 'container of-c']);
  expect(cleaned).toEqual([]);
});

test('a task that was deleted while something of it came late is cleaned up after it', async () => {
  const task = await opened.store.tasks.open(aTask('late', 1, { state: 'success' }), () => 'late1');
  there = [own('late1', task.id)];
  await opened.store.tasks.delete(task.id);
  await look();
  expect(cleaned).toHaveLength(1);
});
