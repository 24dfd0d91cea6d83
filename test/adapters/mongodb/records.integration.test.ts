import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectStore } from '../../../src/adapters/mongodb/connect.ts';
import { Fault } from '../../../src/model/fault.ts';
import type { Plugin } from '../../../src/model/plugin.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aFlow, aJob, aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

/** Valid keys that are special to MongoDB or JavaScript. */
const oddKeys = { 'a.b': 1, $ref: true, '': 'empty', 'nul\0': 'x', constructor: 'c' };

describe('flows and jobs', () => {
  test('returns flows and jobs as they were saved, whatever their keys are', async () => {
    const flow = aFlow('odd-flow', { globalProperties: oddKeys });
    const job = aJob('odd-job', { versions: { 'my.plugin': 'main', $x: '' }, globalProperties: oddKeys });
    await opened.store.flows.insert(flow);
    await opened.store.jobs.insert(job);
    expect(await opened.store.flows.get(flow.id)).toEqual(flow);
    expect(await opened.store.jobs.get(job.id)).toEqual(job);
    expect(await opened.store.jobs.get('unknown')).toBeUndefined();
  });

  test('saves one of ten concurrent jobs with the same name and refuses the others', async () => {
    const save = (n: number) => opened.store.jobs.insert(aJob(`same-${n}`, { name: 'same' }));
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => save(n)));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toHaveLength(9);
    for (const fault of refused) expect(fault).toMatchObject({ code: 'conflict', where: { path: 'name' } });
    await opened.store.flows.insert(aFlow('one', { name: 'same' }));
    await expect(opened.store.flows.insert(aFlow('two', { name: 'same' }))).rejects.toBeInstanceOf(Fault);
  });

  test('never decreases the run count of a job', async () => {
    await opened.store.jobs.insert(aJob('counted'));
    await Promise.all([3, 7, 5].map((number) => opened.store.jobs.countRun('counted', number)));
    expect((await opened.store.jobs.get('counted'))?.execCount).toBe(7);
  });

  test('assigns each task number once, and again for a repeated request of the same name', async () => {
    const { jobs } = opened.store;
    await jobs.insert(aJob('numbered'));
    const first = await Promise.all([{ by: 'a' }, {}, {}].map((request) => jobs.takeNumber('numbered', request)));
    expect(first).toEqual([1, 2, 3]);
    expect(await jobs.takeNumber('numbered', { by: 'a' })).toBe(1);
    expect(await jobs.takeNumber('numbered', { by: 'b', after: 6 })).toBe(7);
    expect(await jobs.takeNumber('numbered', { by: 'b', after: 6 })).toBe(7);
    expect(await jobs.takeNumber('numbered', { by: 'a' })).toBe(8);
    const { updatedAt, ...job } = aJob('numbered', { execCount: 8 });
    expect(await jobs.get('numbered')).toMatchObject(job);
    expect(await jobs.get('numbered')).not.toHaveProperty('taken');
  });

  test('deletes a job and reports whether it existed', async () => {
    await opened.store.jobs.insert(aJob('short-lived'));
    expect(await opened.store.jobs.delete('short-lived')).toBe(true);
    expect(await opened.store.jobs.delete('short-lived')).toBe(false);
  });
});

describe('lists', () => {
  test('returns every record once over all pages, newest first, even with equal times and added records', async () => {
    const { store, close } = await openStore();
    try {
      const at = (minute: number) => ({ times: { requestedAt: new Date(Date.UTC(2026, 10, 2, 10, minute)) } });
      // Seven tasks in two groups of one time each.
      for (let n = 1; n <= 7; n += 1) await store.tasks.open(aTask('j', n, at(n < 4 ? 1 : 2)), () => `t${n}`);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.tasks.list({ jobId: 'j' }, { limit: 2, cursor });
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
        if (seen.length === 2) await store.tasks.open(aTask('j', 8, at(3)), () => 't8');
      } while (cursor !== undefined);
      expect(seen).toEqual(['j-7', 'j-6', 'j-5', 'j-4', 'j-3', 'j-2', 'j-1']);
    } finally {
      await close();
    }
  });

  test('filters tasks by job, state and time, and leaves out large fields', async () => {
    const { store, close } = await openStore();
    try {
      await store.flows.insert(aFlow('f'));
      await store.tasks.open(aTask('j', 1, { state: 'success' }), () => 'a');
      await store.tasks.open(aTask('j', 2), () => 'b');
      await store.tasks.open(aTask('k', 3, { state: 'success' }), () => 'c');
      const ids = async (filter: Parameters<typeof store.tasks.list>[0]) =>
        (await store.tasks.list(filter, { limit: 10 })).items.map(({ id }) => id);
      expect(await ids({})).toEqual(['k-3', 'j-2', 'j-1']);
      expect(await ids({ jobId: 'j' })).toEqual(['j-2', 'j-1']);
      expect(await ids({ state: 'success' })).toEqual(['k-3', 'j-1']);
      expect(await ids({ since: new Date(Date.UTC(2026, 10, 1, 10, 2)) })).toEqual(['k-3', 'j-2']);
      const [task] = (await store.tasks.list({}, { limit: 1 })).items;
      expect(Object.keys(task ?? {})).not.toContain('pipeline');
      const [flow] = (await store.flows.list({}, { limit: 1 })).items;
      expect(Object.keys(flow ?? {})).not.toContain('graph');
    } finally {
      await close();
    }
  });

  test.each([
    'x',
    '',
    'bm90IGpzb24',
    Buffer.from('[1e300,"a"]').toString('base64url'),
    Buffer.from('{"$gt":""}').toString('base64url'),
  ])('refuses the invalid cursor "%s"', async (cursor) => {
    await expect(opened.store.jobs.list({ limit: 1, cursor })).rejects.toMatchObject({
      code: 'invalid_request',
      where: { path: 'cursor' },
    });
  });
});

describe('plugins', () => {
  const plugin = (name: string, version: string): Plugin => ({
    name,
    version,
    pluginType: 'Exec',
    description: '',
    inputSchema: { type: 'object', properties: { 'a.b': { $ref: '#/$defs/x' } }, $defs: { x: {} } },
    outputSchema: { type: 'object' },
    labels: [],
    form: 'executable',
  });

  test('lists the plugins that were found last, newest version first, even when recorded concurrently', async () => {
    const { plugins } = opened.store;
    await plugins.replaceAll([plugin('gone', 'v1.0.0')]);
    const all = [plugin('b', 'v1.9.0'), plugin('a', 'v1.0.0'), plugin('b', 'v1.10.0'), plugin('b', 'v1.2.0')];
    await Promise.all([1, 2, 3, 4].map(() => plugins.replaceAll(all)));
    const names = (await plugins.list()).map(({ name, version }) => `${name} ${version}`);
    expect(names).toEqual(['a v1.0.0', 'b v1.10.0', 'b v1.9.0', 'b v1.2.0']);
    expect(await plugins.get('b')).toEqual(all[2]);
    expect(await plugins.get('b', 'v1.2.0')).toEqual(all[3]);
    expect(await plugins.get('gone')).toBeUndefined();
  });

  test('keeps plugins that another program recorded, changed or removed during a scan', async () => {
    const { plugins } = opened.store;
    const one = plugin('one', 'v1.0.0');
    const two = plugin('two', 'v1.0.0');
    await plugins.replaceAll([one, two]);
    const before = await plugins.list();
    const uploaded = plugin('uploaded', 'v1.0.0');
    const forced = { ...one, checksum: 'new' };
    expect(await plugins.change(undefined, uploaded)).toBe(true);
    expect(await plugins.change(one, forced)).toBe(true);
    expect(await plugins.change(two, undefined)).toBe(true);
    const found = [{ ...one, description: 'as scanned' }, plugin('three', 'v1.0.0')];
    await plugins.replaceAll([...found, { ...two, description: 'as scanned' }], before);
    expect(await plugins.list()).toEqual([forced, plugin('three', 'v1.0.0'), uploaded]);
  });

  test('lets one of several concurrent changes of a plugin succeed', async () => {
    const { plugins } = opened.store;
    await plugins.replaceAll([]);
    const versions = ['a', 'b', 'c'].map((checksum) => ({ ...plugin('raced', 'v1.0.0'), checksum }));
    const made = await Promise.all(versions.map((one) => plugins.change(undefined, one)));
    expect(made.filter(Boolean)).toHaveLength(1);
    const winner = await plugins.get('raced');
    expect(winner).toEqual(versions[made.indexOf(true)]);
    const removed = await Promise.all([1, 2].map(() => plugins.change(winner, undefined)));
    expect(removed.toSorted()).toEqual([false, true]);
    expect(await plugins.list()).toEqual([]);
  });

  test('stores label changes of plugins, whatever their order and number', async () => {
    const { labels } = opened.store;
    await Promise.all(['x', 'y', 'x', 'z'].map((label) => labels.add('one', label)));
    await labels.remove('one', 'y');
    await labels.remove('one', 'brought');
    await labels.add('two', 'x');
    await labels.remove('two', 'x');
    await labels.add('two', 'x');
    const changes = await labels.changes();
    expect([...(changes.get('one')?.added ?? [])].sort()).toEqual(['x', 'z']);
    expect([...(changes.get('one')?.removed ?? [])].sort()).toEqual(['brought', 'y']);
    expect(changes.get('two')).toEqual({ added: ['x'], removed: [] });
    await labels.forget('one');
    expect((await labels.changes()).has('one')).toBe(false);
  });
});

describe('connectStore', () => {
  test('creates existing indexes without an error, even in several programs at once', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => connectStore(opened.uri)));
    await Promise.all(stores.map((store) => store.close()));
  });

  test('throws invalid_request for an invalid URI without its password', async () => {
    const failure = await connectStore('mongodb//user:secret@host').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'invalid_request' });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('secret');
  });

  test('accepts a URI with a list of hosts and a database', async () => {
    const url = new URL(opened.uri);
    const store = await connectStore(`mongodb://${url.host},${url.host}${url.pathname}?directConnection=false`).catch(
      (error: unknown) => error,
    );
    // A server outside a replica set refuses a list of hosts; this only checks that the URI is valid.
    expect(store).not.toMatchObject({ code: 'invalid_request' });
    expect(store).not.toBeInstanceOf(TypeError);
    if (store instanceof Object && 'close' in store) await (store as { close(): Promise<void> }).close();
  });
});
