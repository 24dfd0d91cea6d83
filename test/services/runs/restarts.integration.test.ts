import { afterAll, expect, test } from '@jest/globals';
import type { LogStore } from '../../../src/model/ports/logs.ts';
import { countRestart } from '../../../src/services/runs/restarts.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';
import { stamp } from '../../support/services/runs/scripted-run.ts';

const { store, close } = await openStore();
const { logs } = store;
afterAll(close);

test('a restart that is counted while somebody else writes a line comes behind that line', async () => {
  let rival = true;
  const busy: LogStore = {
    ...logs,
    async insert(chunk) {
      if (!rival) return logs.insert(chunk);
      rival = false;
      const lines = [{ at: stamp(5), kind: 'out' as const, text: 'last words' }];
      await logs.insert({ ...chunk, lines, position: { maxAt: stamp(5), restarts: 0 } });
      return logs.insert(chunk);
    },
  };
  const counted = await countRestart(busy, { streamId: 'busy', finishedAt: stamp(9), exitCode: 1 }, 5);
  expect(counted).toMatchObject({ again: true, position: { maxAt: stamp(5), restarts: 1, answeredExit: stamp(9) } });
  const chunks = await logs.read('busy', 0, 10);
  expect(chunks.map(({ firstSeq, lines }) => [firstSeq, lines[0]?.kind])).toEqual([
    [1, 'out'],
    [2, 'note'],
  ]);
});

test('ten who see the same end count it once, and all of them know that the runner is to be started', async () => {
  const crash = { streamId: 'ten', finishedAt: stamp(9), exitCode: 1 };
  const counted = await Promise.all(Array.from({ length: 10 }, () => countRestart(logs, crash, 5)));
  expect(counted.map(({ again, position }) => [again, position.restarts])).toEqual(Array(10).fill([true, 1]));
  const later = await countRestart(logs, { ...crash, finishedAt: stamp(20) }, 5);
  expect(later.position.restarts).toBe(2);
  expect(await logs.read('ten', 0, 10)).toHaveLength(2);
});
