import { describe, expect, test } from '@jest/globals';
import type { OverlapPolicy } from '../../../src/model/job.ts';
import type { TriggerRequest } from '../../../src/model/job-messages.ts';
import type { EventTrigger, TaskTrigger } from '../../../src/model/trigger.ts';
import { JobEntity } from '../../../workflows/job/job-entity.ts';

const request = (more: Partial<TriggerRequest> = {}, overlap: OverlapPolicy = 'allow_all', coalesce = false) => ({
  testFlowId: 'flow',
  lastNumber: 0,
  policy: { timeoutSeconds: 60, overlap, coalesce },
  trigger: { type: 'manual' } as TaskTrigger,
  requestedAt: '2026-11-24T10:00:00.000Z',
  run: { versions: {}, globalProperties: {} },
  ...more,
});
const merge = (delivery: string): EventTrigger => ({
  type: 'pr_merged',
  deliveries: [delivery],
  changes: [{ repo: 'acme/greeter', version: delivery, title: delivery }],
});
const tag = (repo: string, version: string, sha?: string): EventTrigger => ({
  type: 'tag_created',
  deliveries: [`${version}-${sha}`],
  changes: [{ repo, version, title: version, ...(sha && { sha }) }],
});

/** An entity with so many tasks that run, and so many that wait. */
function entity(running = 0, waiting = 0): JobEntity {
  const made = new JobEntity({ jobId: 'j', lastNumber: 0 });
  for (let n = 1; n <= running + waiting; n += 1) {
    made.number(request(), undefined);
    made.started(request(), `j-${n}`, n > running);
  }
  return made;
}

describe('while a task of the job runs, a trigger', () => {
  test.each([
    ['allow_all', 1, 0, 'start', undefined],
    ['skip', 1, 0, 'refuse', 'j-1'],
    ['buffer_one', 1, 0, 'start', undefined],
    ['buffer_one', 1, 1, 'refuse', 'j-2'],
    ['buffer_all', 1, 3, 'start', undefined],
    ['cancel_other', 1, 0, 'start', undefined],
  ] as const)('under %s, with %i running and %i waiting: %s', (overlap, running, waiting, does, taskId) => {
    const decision = entity(running, waiting).decide(request({}, overlap));
    expect(decision.do).toBe(does);
    if (decision.do === 'refuse') expect(decision.taskId).toBe(taskId);
  });

  test('waits with a sentence that names what it waits for, under buffer one and buffer all', () => {
    for (const overlap of ['buffer_one', 'buffer_all'] as const) {
      expect(entity(1).decide(request({}, overlap))).toMatchObject({
        waitsFor: 'waits until j-1 has ended',
        cancel: [],
      });
    }
  });

  test('under cancel other replaces what runs and what waits', () => {
    expect(entity(1, 1).decide(request({}, 'cancel_other'))).toMatchObject({ do: 'start', cancel: ['j-1', 'j-2'] });
  });
});

test.each(['allow_all', 'skip', 'buffer_one', 'buffer_all', 'cancel_other'] as const)(
  'while nothing runs, a trigger starts a task at once, under %s too',
  (overlap) => {
    expect(entity().decide(request({}, overlap))).toEqual({ do: 'start', cancel: [] });
  },
);

test('waiting tasks begin one after the other, each when all that ran has ended', () => {
  const job = entity(2, 2);
  expect(job.next()).toBeUndefined();
  job.ended('j-1');
  expect(job.mayProceed).toBe(false);
  job.ended('j-2');
  expect(job.next()).toBe('j-3');
  expect(job.next()).toBeUndefined();
  job.ended('j-3');
  expect(job.next()).toBe('j-4');
  job.ended('j-4');
  expect(job.mayProceed).toBe(false);
});

test('a waiting task that was stopped does not begin', () => {
  const job = entity(1, 2);
  job.ended('j-2');
  job.ended('j-1');
  expect(job.next()).toBe('j-3');
});

describe('coalescing', () => {
  test('makes one next task of all merges that arrive while a task runs', () => {
    const job = entity(1);
    const first = request({ trigger: merge('a'), key: 'a' }, 'allow_all', true);
    expect(job.decide(first)).toMatchObject({ do: 'start', waitsFor: 'waits until j-1 has ended' });
    job.started(first, 'j-2', true);
    for (const delivery of ['b', 'c']) {
      const later = request({ trigger: merge(delivery), key: delivery }, 'allow_all', true);
      expect(job.decide(later)).toMatchObject({ do: 'join', taskId: 'j-2' });
      job.answered(later, 'j-2');
    }
    job.ended('j-1');
    expect(job.next()).toBe('j-2');
    // It runs now, so what arrives from here on is the next one's.
    expect(job.decide(request({ trigger: merge('d') }, 'allow_all', true))).toMatchObject({ do: 'start' });
  });

  test('does not concern runs by hand', () => {
    expect(entity(1).decide(request({}, 'allow_all', true))).toEqual({ do: 'start', cancel: [] });
  });
});

describe('a trigger that was received before', () => {
  test('starts nothing and is answered with the first one’s task, also after continue-as-new', () => {
    const job = entity();
    job.started(request({ key: 'monday' }), 'j-1', false);
    const later = new JobEntity(job.carry());
    for (const known of [job, later]) {
      expect(known.decide(request({ key: 'monday' }))).toMatchObject({ do: 'answer', taskId: 'j-1' });
    }
  });

  test('is remembered among the newest 1,000', () => {
    const job = entity();
    for (let n = 0; n <= 1000; n += 1) job.answered(request({ key: `k${n}` }), undefined);
    expect(job.decide(request({ key: 'k0' })).do).toBe('start');
    expect(job.decide(request({ key: 'k1' })).do).toBe('answer');
  });
});

describe('a tag', () => {
  test('that is told by create, push and release is one', () => {
    const job = entity();
    job.started(request({ trigger: tag('acme/greeter', 'v1') }), 'j-1', false);
    expect(job.decide(request({ trigger: tag('Acme/Greeter', 'v1', 'sha-1') })).do).toBe('answer');
    expect(job.decide(request({ trigger: tag('acme/greeter', 'v1') })).do).toBe('answer');
  });

  test('is new when it points to another commit, is another one, or is asked for again on purpose', () => {
    const job = entity();
    job.answered(request({ trigger: tag('acme/greeter', 'v1', 'sha-1') }), 'j-1');
    expect(job.decide(request({ trigger: tag('acme/greeter', 'v1', 'sha-2') })).do).toBe('start');
    expect(job.decide(request({ trigger: tag('acme/greeter', 'v2') })).do).toBe('start');
    expect(job.decide(request({ trigger: tag('acme/greeter', 'v1', 'sha-1'), again: true })).do).toBe('start');
  });
});

describe('a merged pull request', () => {
  const told = (delivery: string, sha: string | undefined, number: number | undefined = 12): EventTrigger => ({
    type: 'pr_merged',
    deliveries: [delivery],
    changes: [
      {
        repo: 'Acme/Greeter',
        version: sha ?? 'main',
        title: 'a merge',
        ...(sha && { sha }),
        ...(number !== undefined && { number }),
      },
    ],
  });
  const decided = (job: JobEntity, trigger: EventTrigger, more: Partial<TriggerRequest> = {}) =>
    job.decide(request({ trigger, key: trigger.deliveries[0], ...more })).do;

  test('that is told by several deliveries is one, also after continue-as-new', () => {
    const job = entity();
    job.started(request({ trigger: told('organization', 'sha-1'), key: 'organization' }), 'j-1', false);
    for (const known of [job, new JobEntity(job.carry())]) {
      expect(known.decide(request({ trigger: told('repository', 'sha-1'), key: 'repository' }))).toEqual({
        do: 'answer',
        taskId: undefined,
        reason: 'the merge of acme/greeter#12 is known already',
      });
      expect(decided(known, told('relay', undefined))).toBe('answer');
    }
  });

  test('without a number is known by its commit, and without both it is never taken for another', () => {
    const job = entity();
    const unnumbered = (delivery: string, sha?: string): EventTrigger => {
      const trigger = told(delivery, sha);
      for (const change of trigger.changes) delete change.number;
      return trigger;
    };
    job.answered(request({ trigger: unnumbered('a', 'sha-1') }), 'j-1');
    expect(decided(job, unnumbered('b', 'sha-1'))).toBe('answer');
    expect(decided(job, unnumbered('b', 'sha-2'))).toBe('start');
    job.answered(request({ trigger: unnumbered('c') }), 'j-2');
    expect(decided(job, unnumbered('d'))).toBe('start');
  });

  test('is new when it has another commit or number, or is asked for again on purpose', () => {
    const job = entity();
    job.answered(request({ trigger: told('a', 'sha-1') }), 'j-1');
    expect(decided(job, told('b', 'sha-2'))).toBe('start');
    expect(decided(job, told('b', 'sha-1', 13))).toBe('start');
    expect(decided(job, told('b', 'sha-1'), { again: true })).toBe('start');
  });

  test('is remembered among the newest 1,000', () => {
    const job = entity();
    for (let n = 0; n <= 1000; n += 1) job.answered(request({ trigger: told(`d${n}`, `sha-${n}`, n) }), undefined);
    expect(decided(job, told('again', 'sha-0', 0))).toBe('start');
    expect(decided(job, told('again', 'sha-1', 1))).toBe('answer');
    expect(job.carry().merges).toHaveLength(1000);
  });
});

test('what runs and what waits is known after continue-as-new, and has to be looked after', () => {
  const later = new JobEntity(entity(1, 1).carry());
  expect(later.inherited).toEqual(['j-1', 'j-2']);
  expect(later.decide(request({}, 'skip'))).toMatchObject({ do: 'refuse', taskId: 'j-1' });
  later.ended('j-1');
  expect(later.inherited).toEqual(['j-2']);
  expect(later.next()).toBe('j-2');
});

test('what was received and not looked at yet goes with it through continue-as-new, in its order', () => {
  const inbox = [request({ key: 'a' }), request({ key: 'b' })];
  expect(
    entity()
      .carry(inbox)
      .inbox?.map(({ key }) => key),
  ).toEqual(['a', 'b']);
  expect(entity().carry()).not.toHaveProperty('inbox');
});

test('a task that may have ended is looked at only for a request that it is in the way of', () => {
  const job = entity(1);
  expect(job.isInTheWay(request({}, 'allow_all'))).toBe(false);
  expect(job.isInTheWay(request({}, 'skip'))).toBe(true);
  expect(job.isInTheWay(request({}, 'buffer_all'))).toBe(true);
  expect(entity().isInTheWay(request({}, 'skip'))).toBe(false);
});

test('no number is given twice, and none below what is on record', () => {
  const job = entity();
  expect(job.number(request(), undefined).number).toBe(1);
  expect(job.number(request({ lastNumber: 41 }), undefined).number).toBe(42);
  expect(job.number(request(), 'waits').number).toBe(43);
});

describe('a task whose environment is held', () => {
  test('does not count as running, so that a trigger starts at once and what waits may begin', () => {
    const job = entity(1, 1);
    job.held('j-1');
    expect(job.next()).toBe('j-2');
    const alone = entity(1);
    alone.held('j-1');
    expect(alone.decide(request({}, 'skip'))).toEqual({ do: 'start', cancel: [] });
    expect(alone.decide(request({}, 'cancel_other'))).toEqual({ do: 'start', cancel: [] });
  });

  test('counts again once its test runs again in it, until it has ended', () => {
    const job = entity(1);
    job.held('j-1');
    job.resumed('j-1');
    expect(job.decide(request({}, 'skip')).do).toBe('refuse');
    job.ended('j-1');
    expect(job.decide(request({}, 'skip')).do).toBe('start');
  });

  test('is stopped with its job, is carried through continue-as-new, and is forgotten when it has ended', () => {
    const job = entity(1);
    job.held('j-1');
    expect(job.unsettled).toEqual(['j-1']);
    const later = new JobEntity(job.carry());
    expect([later.open, later.unsettled, later.inherited]).toEqual([[], ['j-1'], ['j-1']]);
    later.ended('j-1');
    expect([later.unsettled, later.inherited]).toEqual([[], []]);
  });

  test('that says so before the entity has seen it begin does not count either', () => {
    const job = entity();
    job.number(request(), undefined);
    job.held('j-1');
    job.started(request(), 'j-1', false);
    expect(job.open).toEqual([]);
  });
});
