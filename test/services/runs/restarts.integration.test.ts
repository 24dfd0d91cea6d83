import { afterAll, expect, test } from '@jest/globals';
import type { LogStore } from '../../../src/model/ports/logs.ts';
import { countRestart } from '../../../src/services/runs/restarts.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';
import { timestampAt } from '../../support/services/runs/scripted-run.ts';

const { store, close } = await openStore();
const { logs } = store;
afterAll(close);

test('a restart that is counted during a concurrent write is stored after the written line', async () => {
  let rival = true;
  const busy: LogStore = {
    ...logs,
    async insert(chunk) {
      if (!rival) return logs.insert(chunk);
      rival = false;
      const lines = [{ at: timestampAt(5), kind: 'out' as const, text: 'last words' }];
      await logs.insert({ ...chunk, lines, position: { maxAt: timestampAt(5), restarts: 0 } });
      return logs.insert(chunk);
    },
  };
  const counted = await countRestart(busy, { streamId: 'busy', finishedAt: timestampAt(9), exitCode: 1 }, 5);
  expect(counted).toMatchObject({
    isRestartDue: true,
    position: { maxAt: timestampAt(5), restarts: 1, answeredExit: timestampAt(9) },
  });
  const chunks = await logs.read('busy', 0, 10);
  expect(chunks.map(({ firstSeq, lines }) => [firstSeq, lines[0]?.kind])).toEqual([
    [1, 'out'],
    [2, 'note'],
  ]);
});

test('ten concurrent followers count a restart once, and each of them is told to restart', async () => {
  const crash = { streamId: 'ten', finishedAt: timestampAt(9), exitCode: 1 };
  const counted = await Promise.all(Array.from({ length: 10 }, () => countRestart(logs, crash, 5)));
  expect(counted.map(({ isRestartDue, position }) => [isRestartDue, position.restarts])).toEqual(
    Array(10).fill([true, 1]),
  );
  const later = await countRestart(logs, { ...crash, finishedAt: timestampAt(20) }, 5);
  expect(later.position.restarts).toBe(2);
  expect(await logs.read('ten', 0, 10)).toHaveLength(2);
});
