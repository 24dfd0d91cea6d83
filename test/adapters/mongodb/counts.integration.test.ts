import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Db } from 'mongodb';
import { createCountStore } from '../../../src/adapters/mongodb/counts.ts';
import { testDatabase } from '../../support/jest/servers.ts';

let opened: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  opened = await testDatabase();
});
afterAll(() => opened.drop());

test('queries a slow server once for all callers, each of which fails at its own timeout', async () => {
  const slow = Promise.withResolvers<void>();
  let queries = 0;
  const db = new Proxy(opened.db, {
    get: (target, key) =>
      key === 'collection'
        ? (name: string) => {
            if (name === 'tasks') queries += 1;
            const collection = target.collection(name);
            if (name !== 'builds') return collection;
            return { countDocuments: (filter: object) => slow.promise.then(() => collection.countDocuments(filter)) };
          }
        : Reflect.get(target, key),
  }) as Db;
  const { counts } = createCountStore(db);
  const timeout = { message: 'MongoDB did not return all counts within 50 ms' };
  await Promise.all([1, 2, 3].map(() => expect(counts(50)).rejects.toMatchObject(timeout)));
  const queriesOnce = queries;
  await expect(counts(50)).rejects.toMatchObject(timeout);
  expect(queries).toBe(queriesOnce);
  const reading = counts(60_000);
  slow.resolve();
  expect((await reading).builds).toEqual({ waiting: 0, running: 0 });
  await counts(60_000);
  expect(queries).toBe(2 * queriesOnce);
});
