import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectStore } from '../../../src/adapters/mongodb/connect.ts';
import { openMongoProxy } from '../../support/adapters/mongodb/open-mongo-proxy.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';
import { until } from '../../support/workflows/until.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

/** Returns the value of a series such as `name{label="x"}`, or undefined. */
async function scrape(from = api): Promise<(series: string) => number | undefined> {
  const { status, headers, body } = await from.send('/metrics', {});
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  const values = new Map<string, number>(
    (body as string).split('\n').flatMap((line) => {
      const [, series, value] = /^([^#\s]\S*(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      return series === undefined ? [] : [[series, Number(value)]];
    }),
  );
  return (series) => values.get(series);
}

describe('GET /metrics in the Prometheus text format', () => {
  test('returns zeros for an empty database, so that alerts have a baseline', async () => {
    const value = await scrape();
    expect(value('brightbird_mongodb_up')).toBe(1);
    expect(value('brightbird_temporal_up')).toBe(1);
    expect(value('brightbird_tasks{state="running"}')).toBe(0);
    expect(value('brightbird_tasks_ended{outcome="infrastructure"}')).toBe(0);
    expect(value('brightbird_tasks_with_cleanup_failures')).toBe(0);
    expect(value('brightbird_cleanup_failures')).toBeUndefined();
    expect(value('brightbird_deliveries{state="parked"}')).toBe(0);
    expect(value('brightbird_builds{state="waiting"}')).toBe(0);
  });

  test('counts the same undeleted objects as the tasks list', async () => {
    const debt = (kind: string, name: string) => ({ kind, name, uid: name, reason: 'device busy' });
    const { tasks } = api.store;
    const debts = [debt('container', 'a'), debt('network', 'b')];
    const first = await tasks.open(aTask('debts', 1, { state: 'success', debts }), () => 'debts1');
    await tasks.open(aTask('debts', 2, { state: 'error', debts: [debt('container', 'c')] }), () => 'debts2');
    const shown = await Promise.all([1, 2].map((n) => api.get(`/tasks/debts-${n}`)));
    const all = shown.flatMap(({ body }) => body.undeletedObjects as { kind: string; reason: string }[]);
    expect(all.map(({ kind, reason }) => `${kind}: ${reason}`)).toEqual([
      'container: device busy',
      'network: device busy',
      'container: device busy',
    ]);
    const earlier = await scrape();
    for (const kind of ['container', 'network']) {
      expect(earlier(`brightbird_cleanup_failures{kind="${kind}"}`)).toBe(
        all.filter((one) => one.kind === kind).length,
      );
    }
    expect(earlier('brightbird_tasks_with_cleanup_failures')).toBe(2);
    await tasks.setUndeletedObjects(first.id, []);
    expect((await api.get(`/tasks/${first.id}`)).body.undeletedObjects).toEqual([]);
    const later = await scrape();
    expect(later('brightbird_cleanup_failures{kind="container"}')).toBe(1);
    expect(later('brightbird_cleanup_failures{kind="network"}')).toBeUndefined();
    expect(later('brightbird_tasks_with_cleanup_failures')).toBe(1);
  });

  test('counts tasks by state, and ended tasks by outcome class', async () => {
    const earlier = await scrape();
    const rise = (series: string, later: typeof earlier) => (later(series) ?? 0) - (earlier(series) ?? 0);
    const { tasks } = api.store;
    await tasks.open(aTask('states', 1, { state: 'running' }), () => 'states1');
    await tasks.open(aTask('states', 2, { state: 'success' }), () => 'states2');
    await tasks.open(aTask('states', 3, { state: 'error', outcome: 'build' }), () => 'states3');
    await tasks.open(aTask('states', 4, { state: 'canceled', outcome: 'stopped' }), () => 'states4');
    const later = await scrape();
    for (const state of ['running', 'success', 'error', 'canceled'])
      expect(rise(`brightbird_tasks{state="${state}"}`, later)).toBe(1);
    for (const outcome of ['none', 'build', 'stopped'])
      expect(rise(`brightbird_tasks_ended{outcome="${outcome}"}`, later)).toBe(1);
    expect(rise('brightbird_tasks_ended{outcome="test"}', later)).toBe(0);
  });

  test('counts orphaned objects that the janitor did not remove', async () => {
    await api.store.orphans.set({ unmarked: ['Pod a', 'Pod b'], unremovable: ['Pod c'] });
    const value = await scrape();
    expect(value('brightbird_orphaned_objects{reason="unmarked"}')).toBe(2);
    expect(value('brightbird_orphaned_objects{reason="unremovable"}')).toBe(1);
  });

  test('counts waiting and parked webhooks, and waiting and running builds', async () => {
    const { deliveries, builds } = api.store;
    const event = { event: 'push', summary: 'x', failures: 0, matches: [], receivedAt: new Date() };
    await deliveries.insert({ id: 'd1', state: 'received', ...event });
    await deliveries.insert({ id: 'd2', state: 'received', ...event });
    await deliveries.finish('d2', { state: 'parked', matches: [] });
    const build = { image: 'greeter:1', repo: 'https://git.invalid/x.git', commit: 'c'.repeat(40) };
    await builds.join({ id: 'b1', ...build }, 'states-1');
    await builds.join({ id: 'b2', ...build }, 'states-1');
    await builds.begin('b2', 'run-1');
    await builds.project('b2', { runId: 'run-1', epoch: 2 }, { state: 'running' });
    const value = await scrape();
    expect([value('brightbird_deliveries{state="waiting"}'), value('brightbird_deliveries{state="parked"}')]).toEqual([
      1, 1,
    ]);
    expect([value('brightbird_builds{state="waiting"}'), value('brightbird_builds{state="running"}')]).toEqual([1, 1]);
  });

  test('counts requests by method, route pattern and status, never by client input', async () => {
    await api.get('/tasks/one-of-many');
    await api.get('/tasks/another-one');
    await api.send('/nothing/here', {});
    const value = await scrape();
    const count = (labels: string) => value(`brightbird_http_request_duration_seconds_count{${labels}}`);
    expect(count('method="GET",route="/api/v1/tasks/:id",status="404"')).toBe(2);
    expect(count('method="GET",route="none",status="404"')).toBe(1);
    expect(count('method="GET",route="/metrics",status="200"')).toBeGreaterThan(0);
  });

  test('returns backlogs of task queues, and process metrics', async () => {
    const value = await scrape();
    expect(value('brightbird_task_queue_backlog{queue="brightbird-runner",type="activity"}')).toBe(3);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(0);
    expect(value('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
  });
});

describe('a scrape of /metrics', () => {
  test('requires the token if one is set', async () => {
    const guarded = await openApi({ token: 'a-token-of-sixteen' });
    try {
      expect((await guarded.send('/metrics', {})).status).toBe(401);
      const headers = { authorization: 'Bearer a-token-of-sixteen' };
      expect((await guarded.send('/metrics', { headers })).status).toBe(200);
    } finally {
      await guarded.close();
    }
  });

  test('is served only to this machine without a token', async () => {
    expect((await api.send('/metrics', { headers: { host: 'brightbird.example' } })).status).toBe(403);
  });

  test('returns the known metrics while MongoDB or Temporal is unavailable', async () => {
    const opened: TestStore = await openStore();
    const { way, uri } = await openMongoProxy(opened.uri);
    const store = await connectStore(uri, 300);
    const cut = await openApi({ wrap: () => store });
    try {
      await way.down();
      cut.orchestrator.down = true;
      const away = await scrape(cut);
      expect([away('brightbird_mongodb_up'), away('brightbird_temporal_up')]).toEqual([0, 0]);
      expect(away('brightbird_tasks{state="running"}')).toBeUndefined();
      expect(away('process_resident_memory_bytes')).toBeGreaterThan(0);
      await way.up();
      cut.orchestrator.down = false;
      // The driver retries an unreachable server at intervals.
      const back = await until(async () => {
        const value = await scrape(cut);
        return value('brightbird_mongodb_up') === 1 && value;
      });
      expect(back('brightbird_temporal_up')).toBe(1);
      expect(back('brightbird_tasks{state="running"}')).toBe(0);
    } finally {
      await cut.close();
      await store.close();
      await way.down();
      await opened.close();
    }
  });
});
