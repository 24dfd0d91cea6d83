import { expect, test } from '@jest/globals';
import { together } from '../../../src/adapters/mongodb/together.ts';

test('what comes while a write is under way is written together with the next one, in order, each with its result', async () => {
  const blocks: number[][] = [];
  let under = 0;
  const double = together(async (items: readonly number[]) => {
    under += 1;
    expect(under).toBe(1);
    await new Promise(setImmediate);
    blocks.push([...items]);
    under -= 1;
    return items.map((item) => item * 2);
  });
  const first = double(1);
  await Promise.resolve();
  const results = await Promise.all([first, double(2), double(3), double(4)]);
  expect(results).toEqual([2, 4, 6, 8]);
  expect(await double(5)).toBe(10);
  expect(blocks).toEqual([[1], [2, 3, 4], [5]]);
});

test('a block that fails fails for all of its items, and the next one is written', async () => {
  const write = together(async (items: readonly string[]) => {
    if (items.includes('bad')) throw new Error('refused');
    return [...items];
  });
  const first = await Promise.allSettled([write('bad'), write('with it')]);
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await write('good')).toBe('good');
});
