import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Db } from 'mongodb';
import { createCountStore } from '../../../src/adapters/mongodb/counts.ts';
import { testDatabase } from '../../support/jest/servers.ts';

let opened: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  opened = await testDatabase();
});
afterAll(() => opened.drop());

test('a server that is slow is asked once however many want to know, and all of them are told in time that it is', async () => {
  const slow = Promise.withResolvers<void>();
  let asked = 0;
  const db = new Proxy(opened.db, {
    get: (target, key) =>
      key === 'collection'
        ? (name: string) => {
            if (name === 'tasks') asked += 1;
            const collection = target.collection(name);
            if (name !== 'builds') return collection;
            return { countDocuments: (filter: object) => slow.promise.then(() => collection.countDocuments(filter)) };
          }
        : Reflect.get(target, key),
  }) as Db;
  const { counts } = createCountStore(db);
  const late = { message: 'MongoDB has not told all counts within 50 ms' };
  await Promise.all([1, 2, 3].map(() => expect(counts(50)).rejects.toMatchObject(late)));
  const askedOnce = asked;
  await expect(counts(50)).rejects.toMatchObject(late);
  expect(asked).toBe(askedOnce);
  const told = counts(60_000);
  slow.resolve();
  expect((await told).builds).toEqual({ waiting: 0, running: 0 });
  await counts(60_000);
  expect(asked).toBe(2 * askedOnce);
});
