import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { githubWebhooks } from '../../../src/adapters/github/webhook-reader.ts';
import { dryRun, dryRunRange } from '../../../src/services/deliveries/dry-run.ts';
import { replay } from '../../../src/services/deliveries/replay.ts';
import { aMergeJob, aTagJob } from '../../support/services/deliveries/jobs.ts';
import { merge, openSystem, type TestSystem, tag } from '../../support/services/deliveries/system.ts';

let system: TestSystem;
beforeEach(async () => {
  system = await openSystem([aMergeJob('merges'), aTagJob('tags')]);
});
afterEach(() => system.close());

const readers = () => ({ ...system.store, webhooks: githubWebhooks });

describe('a replay', () => {
  test('is a new delivery that refers to the original and starts the same jobs', async () => {
    const dispatcher = system.dispatcher();
    dispatcher.start();
    await system.receive('d');
    dispatcher.wake();
    await system.allDone();
    const ports = { ...readers(), dispatcher };
    expect(await replay(ports, 'd', 'anna')).toEqual({ id: 'd~1', state: 'received' });
    expect(await replay(ports, 'd', 'anna')).toEqual({ id: 'd~2', state: 'received' });
    expect(await replay(ports, 'd~1', 'bert')).toEqual({ id: 'd~3', state: 'received' });
    await system.allDone();
    expect(system.entities.calls.map(({ key, again }) => [key, again])).toEqual([
      ['delivery/d', false],
      ['delivery/d~1', true],
      ['delivery/d~2', true],
      ['delivery/d~3', true],
    ]);
    expect(await system.store.deliveries.get('d~3')).toMatchObject({
      replayOf: 'd',
      by: 'bert',
      hook: merge,
      state: 'dispatched',
      matches: [{ jobName: 'merges', matched: true }, { jobName: 'tags' }],
    });
  });

  test('makes ten deliveries of ten concurrent requests', async () => {
    await system.receive('d');
    const ports = { ...readers(), dispatcher: { wake: () => undefined } };
    const made = await Promise.all(Array.from({ length: 10 }, () => replay(ports, 'd', 'anna')));
    expect(new Set(made.map(({ id }) => id)).size).toBe(10);
  });

  test('is refused for a delivery that does not exist or that no rule handles', async () => {
    const ports = { ...readers(), dispatcher: { wake: () => undefined } };
    await system.receive({ id: 'ping', hook: undefined, summary: 'a ping', state: 'dispatched' });
    await expect(replay(ports, 'nothing', 'anna')).rejects.toMatchObject({ code: 'not_found' });
    await expect(replay(ports, 'ping', 'anna')).rejects.toMatchObject({ code: 'conflict' });
    expect((await system.store.deliveries.list({}, { limit: 10 })).items).toHaveLength(1);
  });
});

describe('a dry run', () => {
  const at = (minute: number) => ({ receivedAt: new Date(Date.UTC(2026, 10, 1, 10, minute)) });

  test('returns the matches of a delivery by the current rules, and starts nothing', async () => {
    await system.receive('d');
    await system.store.jobs.insert(aMergeJob('newer', [{ sourcePattern: '^change$' }]));
    await system.store.jobs.setPause('id-of-merges', { by: 'anna', at: new Date() });
    const { matches, ...rest } = await dryRun(readers(), 'd');
    expect(rest).toMatchObject({ id: 'd', repo: 'owner/greeter', event: 'pull_request.closed' });
    expect(matches).toMatchObject([
      { jobName: 'merges', matched: false, reason: expect.stringContaining('paused by anna'), changes: [] },
      { jobName: 'newer', matched: true, changes: [{ repo: 'owner/greeter', version: 'a'.repeat(40) }] },
      { jobName: 'tags', matched: false },
    ]);
    expect(await system.state('d')).toBe('received');
    expect(system.entities.calls).toEqual([]);
    await expect(dryRun(readers(), 'nothing')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('lists the deliveries of a time range, newest first, with the jobs that would start', async () => {
    await system.receive(
      { id: 'early', ...at(1) },
      { id: 'from', ...at(2) },
      { id: 'ping', hook: undefined, state: 'dispatched', ...at(3) },
      { id: 'tagged', hook: tag, ...at(4) },
      { id: 'from~1', replayOf: 'from', ...at(5) },
      { id: 'other', hook: { ...tag, repo: 'owner/other' }, ...at(6) },
      { id: 'to', ...at(7) },
    );
    const range = { since: at(2).receivedAt, until: at(7).receivedAt };
    const { items, hasMore } = await dryRunRange(readers(), { ...range, limit: 10 });
    expect(items.map(({ id, matches }) => [id, matches.map(({ jobName }) => jobName)])).toEqual([
      ['other', []],
      ['tagged', ['tags']],
      ['from', ['merges']],
    ]);
    expect(hasMore).toBe(false);
    const some = await dryRunRange(readers(), { ...range, limit: 2 });
    expect(some.items.map(({ id }) => id)).toEqual(['other', 'tagged']);
    expect(some.hasMore).toBe(true);
    expect((await dryRunRange(readers(), { limit: 10 })).items).toHaveLength(5);
    expect(system.entities.calls).toEqual([]);
  });
});
