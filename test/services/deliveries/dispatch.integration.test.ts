import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { aFlow, aMergeJob, aTagJob } from '../../support/services/deliveries/jobs.ts';
import { cuttable, openSystem, type TestSystem, tag, until } from '../../support/services/deliveries/system.ts';

let system: TestSystem;
afterEach(() => system.close());

const ids = (count: number, prefix = 'd') => Array.from({ length: count }, (_, n) => `${prefix}-${n + 1}`);

test('deliveries start the matching jobs in order of receipt, each with its own key', async () => {
  system = await openSystem([
    aMergeJob('merges'),
    aMergeJob('releases', [{ basePattern: '^release' }]),
    aTagJob('tags'),
  ]);
  await system.receive(...ids(3), { id: 'tagged', hook: tag, event: 'create' });
  system.dispatcher().start();
  await system.allDone();
  const { deliveries } = system.store;
  expect(system.entities.calls).toEqual([
    ...ids(3).map((id) => ({ job: 'merges', delivery: id, key: `delivery/${id}`, again: false })),
    { job: 'tags', delivery: 'tagged', key: 'delivery/tagged', again: false },
  ]);
  expect(await deliveries.get('d-1')).toMatchObject({
    state: 'dispatched',
    failures: 0,
    dispatchedAt: expect.any(Date),
    matches: [
      { jobName: 'merges', matched: true },
      { jobName: 'releases', matched: false, reason: 'rule 1: base branch "main" does not match ^release' },
      { jobName: 'tags', matched: false },
    ],
  });
});

test('a delivery without a match is recorded with the reasons and starts nothing', async () => {
  system = await openSystem([aMergeJob('other', [{ repo: 'owner/other' }])]);
  await system.receive('d-1');
  system.dispatcher().start();
  await system.allDone();
  expect(system.entities.calls).toEqual([]);
  expect((await system.store.deliveries.get('d-1'))?.matches).toEqual([
    {
      jobId: 'id-of-other',
      jobName: 'other',
      matched: false,
      reason: 'none of its rules is for owner/greeter: they are for owner/other',
    },
  ]);
});

test('the dispatcher handles earlier and later deliveries, and does not poll while none waits', async () => {
  system = await openSystem([aMergeJob('merges')]);
  let asked = 0;
  const { deliveries } = cuttable(system.store.deliveries, () => {
    asked += 1;
    return false;
  });
  const dispatcher = system.dispatcher({ deliveries, leaseMs: 60 });
  await system.receive('before');
  dispatcher.start();
  await system.allDone();
  await until(() => system.store.deliveries.lease('no dispatcher', 1));
  const before = asked;
  await setTimeout(200);
  expect(asked).toBe(before);
  await system.receive('after');
  dispatcher.wake();
  await system.allDone();
  expect(system.entities.started('merges')).toEqual(['before', 'after']);
});

test('the rules at dispatch time apply', async () => {
  const job = aMergeJob('edited', [{ basePattern: '^release' }]);
  system = await openSystem([job, aMergeJob('deleted')]);
  await system.receive('d-1');
  await system.store.jobs.replace(aMergeJob('edited', [{ basePattern: '^main$' }]));
  await system.store.jobs.markDeleting('id-of-deleted');
  system.dispatcher().start();
  await system.allDone();
  expect(system.entities.calls.map((call) => call.job)).toEqual(['edited']);
});

test('a job with a broken or missing flow is reported and does not stop other jobs', async () => {
  const flows = [aFlow('no-yaml', 'pipeline: ['), aFlow('no-plugin', 'pipeline:\n  a:\n    plugin: gone\n')];
  const jobs = ['no-yaml', 'no-plugin', 'no-flow'].map((id) => aMergeJob(id, [{}], { testFlowId: id }));
  system = await openSystem([...jobs, aMergeJob('sound')]);
  for (const flow of flows) await system.store.flows.insert(flow);
  await system.receive('d-1');
  system.dispatcher().start();
  await system.allDone();
  expect(system.entities.calls.map((call) => call.job)).toEqual(['sound']);
  const reasons = (await system.store.deliveries.get('d-1'))?.matches.map(({ reason }) => reason.split(', but ')[1]);
  expect(reasons).toEqual([
    'its test flow no-flow does not exist',
    'its test flow name of no-plugin is broken: step a: unknown plugin "gone"',
    expect.stringMatching(/^its test flow name of no-yaml is broken: line 1/),
    undefined,
  ]);
});

test('deliveries wait while Temporal is unreachable, then are dispatched in order, and none counts as failed', async () => {
  system = await openSystem([aMergeJob('merges')]);
  system.entities.away = true;
  const dispatcher = system.dispatcher();
  dispatcher.start();
  for (const id of ids(20)) {
    await system.receive(id);
    dispatcher.wake();
  }
  await setTimeout(100);
  expect((await system.store.deliveries.waiting(100)).map(({ id, failures }) => [id, failures])).toEqual(
    ids(20).map((id) => [id, 0]),
  );
  system.entities.away = false;
  await system.allDone();
  expect(system.entities.calls.map(({ delivery }) => delivery)).toEqual(ids(20));
});

test('a dispatcher that crashed after a trigger repeats only triggers that the job knows', async () => {
  system = await openSystem([aMergeJob('merges')]);
  await system.receive(...ids(5));
  let finished = 0;
  const dying = cuttable(system.store.deliveries, (method) => {
    if (method === 'finish') finished += 1;
    return finished === 3;
  });
  system.dispatcher({ deliveries: dying.deliveries, leaseMs: 300 }).start();
  await until(dying.isCut);
  expect(await system.state('d-3')).toBe('received');
  system.dispatcher({ leaseMs: 300 }).start();
  await system.allDone();
  expect(system.entities.calls.map(({ key }) => key)).toEqual(
    ['d-1', 'd-2', 'd-3', 'd-3', 'd-4', 'd-5'].map((id) => `delivery/${id}`),
  );
});

test('two dispatchers on one database dispatch each delivery once and in order, one at a time', async () => {
  system = await openSystem([aMergeJob('merges')]);
  system.entities.delayMs = 1;
  const both = [system.dispatcher(), system.dispatcher()];
  for (const one of both) one.start();
  for (const [n, id] of ids(60).entries()) {
    await system.receive(id);
    both[n % 2]?.wake();
    if (n % 7 === 0) await system.allDone();
  }
  await system.allDone();
  expect(system.entities.calls.map(({ delivery }) => delivery)).toEqual(ids(60));
  expect(system.entities.maxConcurrent).toBe(1);
});

test('a lease is renewed while a delivery takes longer than it, so that no other dispatcher begins', async () => {
  system = await openSystem([aMergeJob('merges')]);
  await system.receive(...ids(2));
  system.entities.delayMs = 700;
  for (const one of [system.dispatcher({ leaseMs: 200 }), system.dispatcher({ leaseMs: 200 })]) one.start();
  await system.allDone();
  expect(system.entities.calls.map(({ delivery }) => delivery)).toEqual(ids(2));
  expect(system.entities.maxConcurrent).toBe(1);
});

test('a delivery that fails five times is parked with the error, and the next ones are dispatched', async () => {
  system = await openSystem([aMergeJob('bad'), aMergeJob('good')]);
  let refused = 0;
  system.entities.refuse = (job, delivery) => {
    if (job.name !== 'bad' || delivery !== 'd-1') return;
    refused += 1;
    throw new Error('\u001b[31mthe history\u001b[0m is too long\0');
  };
  await system.receive(...ids(2));
  system.dispatcher().start();
  await system.allDone();
  expect(refused).toBe(5);
  expect(await system.store.deliveries.get('d-1')).toMatchObject({
    state: 'parked',
    failures: 5,
    // Messages of servers may have control characters; the record has them in readable form.
    error: String.raw`job bad: the history is too long\u0000`,
    matches: [
      { jobName: 'bad', matched: true },
      { jobName: 'good', matched: true },
    ],
  });
  expect(system.entities.started('bad')).toEqual(['d-2']);
  expect(system.entities.started('good')).toEqual(['d-1', 'd-2']);
  expect(await system.state('d-2')).toBe('dispatched');
});

test('a delivery that failed four times and then succeeds is dispatched', async () => {
  system = await openSystem([aMergeJob('merges')]);
  let left = 4;
  system.entities.refuse = () => {
    left -= 1;
    if (left >= 0) throw new Error('not now');
  };
  await system.receive('d-1');
  system.dispatcher().start();
  await system.allDone();
  expect(await system.store.deliveries.get('d-1')).toMatchObject({ state: 'dispatched', failures: 4 });
});

test('a stop waits for the current delivery and leaves the others for the next start', async () => {
  system = await openSystem([aMergeJob('merges')]);
  system.entities.delayMs = 100;
  await system.receive(...ids(3));
  const dispatcher = system.dispatcher();
  dispatcher.start();
  // The jobs are read after the lease is taken.
  await until(async () => !(await system.store.deliveries.lease('another dispatcher', 1)));
  await dispatcher.stop();
  const done = system.entities.calls.length;
  expect(done).toBeLessThan(3);
  expect(await system.store.deliveries.waiting(10)).toHaveLength(3 - done);
  expect(await system.store.deliveries.lease('another dispatcher', 1)).toBe(true);
  await setTimeout(5);
  system.dispatcher().start();
  await system.allDone();
  expect(system.entities.calls.map(({ delivery }) => delivery)).toEqual(ids(3));
});

test('a delivery that arrives just after the last read of the queue is dispatched at once', async () => {
  system = await openSystem([aMergeJob('merges')]);
  const records = system.store.deliveries;
  let begun = false;
  let late = false;
  const dispatcher = system.dispatcher({
    deliveries: {
      ...records,
      async release(holder) {
        if (!begun) {
          begun = true;
          await system.receive('late');
          dispatcher.wake();
          late = true;
        }
        await records.release(holder);
      },
    },
  });
  dispatcher.start();
  await until(() => late);
  await system.allDone();
  expect(system.entities.started('merges')).toEqual(['late']);
});

test('a delivery that a crash kept from being queued is dispatched after the next start', async () => {
  system = await openSystem([aMergeJob('merges')]);
  await system.receive('lost');
  const { MongoClient } = await import('mongodb');
  const client = await MongoClient.connect(system.uri);
  await client.db().collection('waitingDeliveries').deleteMany({});
  await client.close();
  expect(await system.store.deliveries.waiting(1)).toEqual([]);
  system.dispatcher().start();
  await until(async () => (await system.state('lost')) === 'dispatched');
  expect(system.entities.started('merges')).toEqual(['lost']);
});
