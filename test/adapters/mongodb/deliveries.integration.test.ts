import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { createDeliveryStore } from '../../../src/adapters/mongodb/deliveries.ts';
import { isUnreachable } from '../../../src/adapters/mongodb/failures.ts';
import type { Delivery } from '../../../src/model/delivery.ts';
import type { DeliveryStore } from '../../../src/model/ports/deliveries.ts';
import { openMongoProxy } from '../../support/adapters/mongodb/open-mongo-proxy.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';

let opened: TestStore;
let store: DeliveryStore;
beforeEach(async () => {
  opened = await openStore();
  store = opened.store.deliveries;
});
afterEach(() => opened.close());

const aDelivery = (id: string, more: Partial<Delivery> = {}): Omit<Delivery, 'seq'> => ({
  id,
  event: 'pull_request.closed',
  repo: 'Owner/Name',
  summary: 'Owner/Name: #1 was merged into main',
  hook: {
    kind: 'pr_merged',
    repo: 'Owner/Name',
    base: 'main',
    source: 'change',
    number: 1,
    title: 'A change',
    sha: 'a'.repeat(40),
    by: 'someone',
  },
  state: 'received',
  failures: 0,
  matches: [],
  receivedAt: new Date('2026-11-01T10:00:00Z'),
  ...more,
});

const waiting = async (limit = 100) => (await store.waiting(limit)).map(({ id }) => id);
const aMatch = { jobId: 'f00d', jobName: 'a job', matched: true, reason: 'rule 1' };

/** Changes the database directly, as a crash would leave it. */
async function withDatabase(change: (db: ReturnType<MongoClient['db']>) => Promise<unknown>): Promise<void> {
  const client = await MongoClient.connect(opened.uri);
  await change(client.db()).finally(() => client.close());
}

describe('the store of deliveries', () => {
  test('returns a delivery as it was recorded, with the next number', async () => {
    for (const id of ['one', 'two']) expect(await store.insert(aDelivery(id))).toBe(true);
    expect(await store.get('one')).toEqual({ ...aDelivery('one'), seq: 1 });
    expect(await store.get('two')).toEqual({ ...aDelivery('two'), seq: 2 });
    expect(await store.get('three')).toBeUndefined();
  });

  test('records and queues a delivery once when it is inserted twenty times at once', async () => {
    const inserted = await Promise.all(Array.from({ length: 20 }, () => store.insert(aDelivery('same'))));
    expect(inserted.filter(Boolean)).toHaveLength(1);
    expect(await waiting()).toEqual(['same']);
  });

  test('gives fifty concurrent deliveries distinct numbers', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => store.insert(aDelivery(`d-${n}`))));
    const all = await store.waiting(100);
    expect(new Set(all.map(({ seq }) => seq)).size).toBe(50);
    expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).toSorted((one, other) => one - other));
  });

  test('never shows one of two hundred concurrent deliveries before one with a lower number', async () => {
    let seen = 0;
    let writing = true;
    const check = async () => {
      const numbers = (await store.waiting(1000)).map(({ seq }) => seq);
      // As many as their highest number: none below it is missing.
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => n + 1));
      seen = numbers.length;
    };
    const reading = (async () => {
      while (writing) await check();
    })();
    await Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        for (let n = 0; n < 10; n += 1) await store.insert(aDelivery(`d-${lane}-${n}`));
      }),
    );
    writing = false;
    await reading;
    await check();
    expect(seen).toBe(200);
  });

  test('keeps a delivery first in the queue until it is dispatched or parked', async () => {
    for (const id of ['a', 'b', 'c']) await store.insert(aDelivery(id));
    expect(await waiting(2)).toEqual(['a', 'b']);
    await store.fail('a', 'no way');
    await store.fail('a', 'still no way');
    expect((await store.waiting(1))[0]).toMatchObject({
      id: 'a',
      failures: 2,
      error: 'still no way',
      state: 'received',
    });
    await store.finish('a', { state: 'parked', matches: [aMatch], error: 'no way at all' });
    await store.finish('b', { state: 'dispatched', matches: [] });
    expect(await waiting()).toEqual(['c']);
    expect(await store.get('a')).toMatchObject({ state: 'parked', error: 'no way at all', matches: [aMatch] });
    expect(await store.get('b')).toMatchObject({ state: 'dispatched', dispatchedAt: expect.any(Date) });
  });

  test('records a delivery that can start nothing without queueing it', async () => {
    const { hook: _hook, ...ping } = aDelivery('ping', { event: 'ping', state: 'dispatched' });
    expect(await store.insert(ping)).toBe(true);
    expect(await waiting()).toEqual([]);
    expect(await store.get('ping')).toEqual({ ...ping, seq: 1 });
  });

  test("shows a job's decision, even when it was recorded before its match", async () => {
    await store.insert(aDelivery('early'));
    await store.decide('early', 'f00d', { decision: 'waits for task f00d-1' });
    await store.finish('early', { state: 'dispatched', matches: [aMatch, { ...aMatch, jobId: 'cafe' }] });
    expect((await store.get('early'))?.matches).toEqual([
      { ...aMatch, decision: 'waits for task f00d-1' },
      { ...aMatch, jobId: 'cafe' },
    ]);
    await store.decide('early', 'f00d', { decision: 'started', taskId: 'f00d-2' });
    await store.decide('early', 'cafe', { decision: 'started', taskId: 'cafe-1' });
    expect((await store.get('early'))?.matches.map(({ taskId }) => taskId)).toEqual(['f00d-2', 'cafe-1']);
    await store.decide('early', 'cafe', {
      decision: 'started no task: the request was received before',
      taskId: 'cafe-1',
    });
    expect((await store.get('early'))?.matches[1]).toMatchObject({ decision: 'started', taskId: 'cafe-1' });
  });
});

describe('the store of deliveries after a crash', () => {
  test.each(['deliveries', 'waitingDeliveries'])(
    'refuses a delivery when the connection breaks while writing to %s, and records its redelivery',
    async (name) => {
      const { way, uri } = await openMongoProxy(opened.uri);
      const client = new MongoClient(uri, {
        monitorCommands: true,
        serverSelectionTimeoutMS: 1500,
        ignoreUndefined: true,
      });
      try {
        const proxied = createDeliveryStore(client.db());
        let down: Promise<void> | undefined;
        client.on('commandStarted', ({ commandName, command }) => {
          if (commandName === 'insert' && command.insert === name) down ??= way.down();
        });
        const error = await proxied.insert(aDelivery('cut off')).catch((caught: unknown) => caught);
        expect(isUnreachable(error)).toBe(true);
        await down;
        await way.up();
        await proxied.insert(aDelivery('cut off'));
        expect(await waiting()).toEqual(['cut off']);
        expect((await store.get('cut off'))?.state).toBe('received');
      } finally {
        await client.close();
        await way.down();
      }
    },
  );

  test('queues a delivery at its position on redelivery when a crash prevented its queueing', async () => {
    await store.insert(aDelivery('lost'));
    await store.insert(aDelivery('next'));
    await withDatabase((db) => db.collection<{ _id: string }>('waitingDeliveries').deleteOne({ _id: 'lost' }));
    expect(await waiting()).toEqual(['next']);
    expect(await store.insert(aDelivery('lost'))).toBe(false);
    expect(await waiting()).toEqual(['lost', 'next']);
  });

  test('does not queue a finished delivery again after a crash between the two writes of its end', async () => {
    for (const id of ['done', 'gone', 'next']) await store.insert(aDelivery(id));
    await withDatabase(async (db) => {
      const deliveries = db.collection<{ _id: string }>('deliveries');
      await deliveries.updateOne({ _id: 'done' }, { $set: { state: 'dispatched' } });
      await deliveries.deleteOne({ _id: 'gone' });
    });
    // Even when a page has only such deliveries.
    expect(await waiting(1)).toEqual(['next']);
    expect(await waiting()).toEqual(['next']);
  });
});

describe('lists of deliveries', () => {
  test('returns pages of deliveries, newest first, by state, repository and time', async () => {
    const at = (minute: number) => ({ receivedAt: new Date(Date.UTC(2026, 10, 1, 10, minute)) });
    await store.insert(aDelivery('1', at(1)));
    await store.insert(aDelivery('2', { ...at(2), repo: 'owner/name-of-another' }));
    await store.insert(aDelivery('3', { ...at(3), repo: undefined, state: 'dispatched' }));
    await store.insert(aDelivery('4', { ...at(4), repo: 'owner/NAME' }));
    const ids = async (filter: Parameters<DeliveryStore['list']>[0]) =>
      (await store.list(filter, { limit: 10 })).items.map(({ id }) => id);
    expect(await ids({})).toEqual(['4', '3', '2', '1']);
    expect(await ids({ repo: 'https://github.com/Owner/Name.git' })).toEqual(['4', '1']);
    expect(await ids({ state: 'dispatched' })).toEqual(['3']);
    expect(await ids({ since: at(3).receivedAt })).toEqual(['4', '3']);
    const first = await store.list({}, { limit: 3 });
    expect(first.items.map(({ id }) => id)).toEqual(['4', '3', '2']);
    const second = await store.list({}, { limit: 3, cursor: first.nextCursor });
    expect(second).toEqual({ items: [{ ...aDelivery('1', at(1)), seq: 1 }] });
  });
});

describe('the dispatcher lease', () => {
  test('grants the lease to one of ten concurrent holders, which keeps it until its release', async () => {
    const holders = Array.from({ length: 10 }, (_, n) => `h${n}`);
    const got = await Promise.all(holders.map((holder) => store.lease(holder, 60_000)));
    expect(got.filter(Boolean)).toHaveLength(1);
    const winner = holders[got.indexOf(true)] ?? '';
    expect(await store.lease(winner, 60_000)).toBe(true);
    for (const other of holders.filter((holder) => holder !== winner)) {
      await store.release(other);
      expect(await store.lease(other, 60_000)).toBe(false);
    }
    await store.release(winner);
    expect(await store.lease('next', 60_000)).toBe(true);
  });

  test('grants the expired lease of a dead holder to another one', async () => {
    expect(await store.lease('dead', 200)).toBe(true);
    expect(await store.lease('next', 200)).toBe(false);
    while (!(await store.lease('next', 200))) await setTimeout(10);
    expect(await store.lease('dead', 200)).toBe(false);
  });
});
