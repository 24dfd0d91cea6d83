import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectStore } from '../../../src/adapters/mongodb/connect.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

test('gives each database a permanent mark of its own', async () => {
  const { installation } = opened.store;
  expect(installation).toMatch(/^[0-9a-f]{16}$/);
  const again = await connectStore(opened.uri);
  await again.close();
  expect(again.installation).toBe(installation);
  const other = await openStore();
  await other.close();
  expect(other.store.installation).not.toBe(installation);
});

test('gives programs that start at once on an empty database the same mark', async () => {
  const fresh = new URL(opened.uri);
  fresh.pathname += '-b';
  const stores = await Promise.all(Array.from({ length: 8 }, () => connectStore(fresh.href)));
  expect(new Set(stores.map(({ installation }) => installation)).size).toBe(1);
  await Promise.all(stores.map((store) => store.close()));
});
