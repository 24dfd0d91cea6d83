import { afterAll, expect, test } from '@jest/globals';
import { tailLines } from '../../../src/services/logs/tail.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';
import { append, at, chunksOf, linesFrom, runnerStream } from '../../support/services/logs/streams.ts';

const { store, close } = await openStore();
const { logs } = store;
afterAll(close);

test('tailLines returns the requested number of last lines across chunks', async () => {
  const stream = runnerStream('tail');
  for (let n = 0; n < 10; n += 1) await append(logs, stream, linesFrom(n * 2, [`line ${n * 2}`, `line ${n * 2 + 1}`]));
  expect(await chunksOf(logs, stream.id)).toHaveLength(10);
  expect(await tailLines(logs, stream.id, 5)).toEqual([15, 16, 17, 18, 19].map((n) => `line ${n}`));
  expect(await tailLines(logs, stream.id, 1)).toEqual(['line 19']);
  expect(await tailLines(logs, stream.id, 100)).toHaveLength(20);
});

test('tailLines returns lines of stdout and stderr, but no markers and notes', async () => {
  const stream = runnerStream('kinds');
  await append(logs, stream, [
    { at: at(0), text: 'out' },
    { at: at(1), text: 'err', kind: 'err' },
    { at: at(2), text: '', kind: 'mark' },
  ]);
  await append(logs, stream, [{ at: at(3), text: 'started again', kind: 'note' }]);
  expect(await tailLines(logs, stream.id, 2)).toEqual(['out', 'err']);
});

test('tailLines truncates a long line visibly', async () => {
  const stream = runnerStream('long');
  await append(logs, stream, linesFrom(0, ['y'.repeat(500), 'x'.repeat(100_000)]));
  expect(await tailLines(logs, stream.id, 2)).toEqual(['y'.repeat(500), `${'x'.repeat(500)}…`]);
});

test('tailLines returns nothing for an empty log', async () => {
  expect(await tailLines(logs, 'never-opened', 20)).toEqual([]);
});
