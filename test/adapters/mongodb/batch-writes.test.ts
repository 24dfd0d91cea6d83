import { expect, test } from '@jest/globals';
import { batchWrites } from '../../../src/adapters/mongodb/batch-writes.ts';

test('writes items that arrive during a write as one batch, in order, and returns the result of each', async () => {
  const batches: number[][] = [];
  let running = 0;
  const double = batchWrites(async (items: readonly number[]) => {
    running += 1;
    expect(running).toBe(1);
    await new Promise(setImmediate);
    batches.push([...items]);
    running -= 1;
    return items.map((item) => item * 2);
  });
  const first = double(1);
  await Promise.resolve();
  const results = await Promise.all([first, double(2), double(3), double(4)]);
  expect(results).toEqual([2, 4, 6, 8]);
  expect(await double(5)).toBe(10);
  expect(batches).toEqual([[1], [2, 3, 4], [5]]);
});

test('fails all items of a failed batch, and writes the next batch', async () => {
  const write = batchWrites(async (items: readonly string[]) => {
    if (items.includes('bad')) throw new Error('refused');
    return [...items];
  });
  const first = await Promise.allSettled([write('bad'), write('in the same batch')]);
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await write('good')).toBe('good');
});
