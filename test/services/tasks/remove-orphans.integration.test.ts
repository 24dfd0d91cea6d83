import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { MarkedObject, Runtime } from '../../../src/model/engine/runtime.ts';
import type { UndeletedObject } from '../../../src/model/task.ts';
import { removeOrphans } from '../../../src/services/tasks/remove-orphans.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';

// The contract of both runtimes for orphans is in test/support/model/engine/orphan-contract.ts.
let opened: TestStore;
let existing: MarkedObject[];
let undeleted: UndeletedObject[];
let cleaned: object[];
let logged: string[];
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());
beforeEach(() => {
  [existing, undeleted, cleaned, logged] = [[], [], [], []];
});

const minute = 60_000;
const made = new Date('2026-11-24T10:00:00Z');

function object(testid: string, more: Partial<MarkedObject> = {}): MarkedObject {
  return { kind: 'container', name: `of-${testid}`, uid: testid, labels: { testid }, createdAt: made, ...more };
}
const own = (testid: string, taskId: string): MarkedObject =>
  object(testid, { installation: opened.store.installation, taskId, runId: 'run-1' });

async function removeNow(): Promise<void> {
  const runtime = {
    listAllObjects: async () => existing,
    cleanup: async (scope: object) => {
      cleaned.push(scope);
      return undeleted;
    },
  } as unknown as Runtime;
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(JSON.parse(line).msg) });
  const orchestrator = { taskRun: async () => undefined };
  const at = { grace: 10 * minute, now: made.getTime() + 11 * minute };
  await removeOrphans({ ...opened.store, runtime, orchestrator, log }, at, new AbortController().signal);
}

test('removeOrphans counts undeletable objects for the metrics until they are removed', async () => {
  existing = [own('a', 'gone-1')];
  undeleted = [{ kind: 'container', name: 'of-a', uid: 'a', reason: 'device busy' }];
  const counted = async () => (await opened.store.counts.counts(3000)).orphans;
  await removeNow();
  expect(await counted()).toEqual({ unmarked: 0, unremovable: 1 });
  expect(cleaned).toEqual([{ testId: 'a', runId: 'run-1', installation: opened.store.installation }]);
  existing = [];
  await removeNow();
  expect(await counted()).toEqual({ unmarked: 0, unremovable: 0 });
});

test('removeOrphans logs unmarked objects once, and again when there are more', async () => {
  existing = [object('b')];
  await removeNow();
  await removeNow();
  expect(logged).toHaveLength(1);
  existing = [object('b'), object('c')];
  await removeNow();
  expect(logged).toHaveLength(2);
  expect((await opened.store.orphans.get()).unmarked).toEqual(['container of-b', 'container of-c']);
  expect(cleaned).toEqual([]);
});

test('removeOrphans removes objects that appear after their task was deleted', async () => {
  const task = await opened.store.tasks.open(aTask('late', 1, { state: 'success' }), () => 'late1');
  existing = [own('late1', task.id)];
  await opened.store.tasks.delete(task.id);
  await removeNow();
  expect(cleaned).toHaveLength(1);
});
