import { describe, expect, test } from '@jest/globals';
import type { OverlapPolicy } from '../../../src/model/job.ts';
import type { TriggerRequest } from '../../../src/model/job-messages.ts';
import type { EventTrigger, TaskTrigger } from '../../../src/model/trigger.ts';
import { JobEntity } from '../../../workflows/job/job-entity.ts';

const request = (more: Partial<TriggerRequest> = {}, overlap: OverlapPolicy = 'allow_all', coalesce = false) => ({
  testFlowId: 'flow',
  lastNumber: 0,
  policy: { timeoutSeconds: 600, overlap, coalesce },
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

/** Creates an entity with these numbers of running and waiting tasks. */
function entity(running = 0, waiting = 0): JobEntity {
  const made = new JobEntity({ jobId: 'j', lastNumber: 0 });
  for (let n = 1; n <= running + waiting; n += 1) {
    made.createTaskInput(request(), undefined);
    made.markStarted(request(), `j-${n}`, n > running);
  }
  return made;
}

describe('a trigger while a task of the job runs', () => {
  test.each([
    ['allow_all', 1, 0, 'start', undefined],
    ['skip', 1, 0, 'refuse', 'j-1'],
    ['buffer_one', 1, 0, 'start', undefined],
    ['buffer_one', 1, 1, 'refuse', 'j-2'],
    ['buffer_all', 1, 3, 'start', undefined],
    ['cancel_other', 1, 0, 'start', undefined],
  ] as const)('is decided under %s with %i running and %i waiting: %s', (overlap, running, waiting, does, taskId) => {
    const decision = entity(running, waiting).decide(request({}, overlap));
    expect(decision.do).toBe(does);
    if (decision.do === 'refuse') expect(decision.taskId).toBe(taskId);
  });

  test('waits with a reason that names the running task under buffer_one and buffer_all', () => {
    for (const overlap of ['buffer_one', 'buffer_all'] as const) {
      expect(entity(1).decide(request({}, overlap))).toMatchObject({
        waitsFor: 'waits until j-1 has ended',
        cancel: [],
      });
    }
  });

  test('replaces running and waiting tasks under cancel_other', () => {
    expect(entity(1, 1).decide(request({}, 'cancel_other'))).toMatchObject({ do: 'start', cancel: ['j-1', 'j-2'] });
  });
});

test.each(['allow_all', 'skip', 'buffer_one', 'buffer_all', 'cancel_other'] as const)(
  'a trigger starts a task at once under %s while nothing runs',
  (overlap) => {
    expect(entity().decide(request({}, overlap))).toEqual({ do: 'start', cancel: [] });
  },
);

test('waiting tasks begin one after the other, each when all running ones have ended', () => {
  const job = entity(2, 2);
  expect(job.takeNext()).toBeUndefined();
  job.markEnded('j-1');
  expect(job.mayProceed).toBe(false);
  job.markEnded('j-2');
  expect(job.takeNext()).toBe('j-3');
  expect(job.takeNext()).toBeUndefined();
  job.markEnded('j-3');
  expect(job.takeNext()).toBe('j-4');
  job.markEnded('j-4');
  expect(job.mayProceed).toBe(false);
});

test('a stopped waiting task does not begin', () => {
  const job = entity(1, 2);
  job.markEnded('j-2');
  job.markEnded('j-1');
  expect(job.takeNext()).toBe('j-3');
});

describe('coalescing', () => {
  test('starts one next task for all merges that arrive while a task runs', () => {
    const job = entity(1);
    const first = request({ trigger: merge('a'), key: 'a' }, 'allow_all', true);
    expect(job.decide(first)).toMatchObject({ do: 'start', waitsFor: 'waits until j-1 has ended' });
    job.markStarted(first, 'j-2', true);
    for (const delivery of ['b', 'c']) {
      const later = request({ trigger: merge(delivery), key: delivery }, 'allow_all', true);
      expect(job.decide(later)).toMatchObject({ do: 'join', taskId: 'j-2' });
      job.markAnswered(later, 'j-2');
    }
    job.markEnded('j-1');
    expect(job.takeNext()).toBe('j-2');
    // The task runs now, so later events start the next one.
    expect(job.decide(request({ trigger: merge('d') }, 'allow_all', true))).toMatchObject({ do: 'start' });
  });

  test('does not apply to manual runs', () => {
    expect(entity(1).decide(request({}, 'allow_all', true))).toEqual({ do: 'start', cancel: [] });
  });
});

describe('a trigger that was received before', () => {
  test('starts nothing and is answered with the task of the first one, also after continue-as-new', () => {
    const job = entity();
    job.markStarted(request({ key: 'monday' }), 'j-1', false);
    const later = new JobEntity(job.toState());
    for (const known of [job, later]) {
      expect(known.decide(request({ key: 'monday' }))).toMatchObject({ do: 'answer', taskId: 'j-1' });
    }
  });

  test('is remembered among the newest 1,000', () => {
    const job = entity();
    for (let n = 0; n <= 1000; n += 1) job.markAnswered(request({ key: `k${n}` }), undefined);
    expect(job.decide(request({ key: 'k0' })).do).toBe('start');
    expect(job.decide(request({ key: 'k1' })).do).toBe('answer');
  });
});

describe('a tag', () => {
  test('is one tag when create, push and release events report it', () => {
    const job = entity();
    job.markStarted(request({ trigger: tag('acme/greeter', 'v1') }), 'j-1', false);
    expect(job.decide(request({ trigger: tag('Acme/Greeter', 'v1', 'sha-1') })).do).toBe('answer');
    expect(job.decide(request({ trigger: tag('acme/greeter', 'v1') })).do).toBe('answer');
  });

  test('is new with another commit or name, or when it is replayed', () => {
    const job = entity();
    job.markAnswered(request({ trigger: tag('acme/greeter', 'v1', 'sha-1') }), 'j-1');
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

  test('is one merge when several deliveries report it, also after continue-as-new', () => {
    const job = entity();
    job.markStarted(request({ trigger: told('organization', 'sha-1'), key: 'organization' }), 'j-1', false);
    for (const known of [job, new JobEntity(job.toState())]) {
      expect(known.decide(request({ trigger: told('repository', 'sha-1'), key: 'repository' }))).toEqual({
        do: 'answer',
        taskId: undefined,
        reason: 'the merge of acme/greeter#12 is already known',
      });
      expect(decided(known, told('relay', undefined))).toBe('answer');
    }
  });

  test('is known by its commit without a number, and is never known without both', () => {
    const job = entity();
    const unnumbered = (delivery: string, sha?: string): EventTrigger => {
      const trigger = told(delivery, sha);
      for (const change of trigger.changes) delete change.number;
      return trigger;
    };
    job.markAnswered(request({ trigger: unnumbered('a', 'sha-1') }), 'j-1');
    expect(decided(job, unnumbered('b', 'sha-1'))).toBe('answer');
    expect(decided(job, unnumbered('b', 'sha-2'))).toBe('start');
    job.markAnswered(request({ trigger: unnumbered('c') }), 'j-2');
    expect(decided(job, unnumbered('d'))).toBe('start');
  });

  test('is new with another commit or number, or when it is replayed', () => {
    const job = entity();
    job.markAnswered(request({ trigger: told('a', 'sha-1') }), 'j-1');
    expect(decided(job, told('b', 'sha-2'))).toBe('start');
    expect(decided(job, told('b', 'sha-1', 13))).toBe('start');
    expect(decided(job, told('b', 'sha-1'), { again: true })).toBe('start');
  });

  test('is remembered among the newest 1,000', () => {
    const job = entity();
    for (let n = 0; n <= 1000; n += 1) job.markAnswered(request({ trigger: told(`d${n}`, `sha-${n}`, n) }), undefined);
    expect(decided(job, told('again', 'sha-0', 0))).toBe('start');
    expect(decided(job, told('again', 'sha-1', 1))).toBe('answer');
    expect(job.toState().merges).toHaveLength(1000);
  });
});

test('running and waiting tasks are known after continue-as-new as inherited ones', () => {
  const later = new JobEntity(entity(1, 1).toState());
  expect(later.inherited).toEqual(['j-1', 'j-2']);
  expect(later.decide(request({}, 'skip'))).toMatchObject({ do: 'refuse', taskId: 'j-1' });
  later.markEnded('j-1');
  expect(later.inherited).toEqual(['j-2']);
  expect(later.takeNext()).toBe('j-2');
});

test('unhandled requests are carried through continue-as-new in their order', () => {
  const inbox = [request({ key: 'a' }), request({ key: 'b' })];
  expect(
    entity()
      .toState(inbox)
      .inbox?.map(({ key }) => key),
  ).toEqual(['a', 'b']);
  expect(entity().toState()).not.toHaveProperty('inbox');
});

test('only a request that a task blocks needs a check whether that task has ended', () => {
  const job = entity(1);
  expect(job.isBlocked(request({}, 'allow_all'))).toBe(false);
  expect(job.isBlocked(request({}, 'skip'))).toBe(true);
  expect(job.isBlocked(request({}, 'buffer_all'))).toBe(true);
  expect(entity().isBlocked(request({}, 'skip'))).toBe(false);
});

test('no number is given twice or below the number on record', () => {
  const job = entity();
  expect(job.createTaskInput(request(), undefined).number).toBe(1);
  expect(job.createTaskInput(request({ lastNumber: 41 }), undefined).number).toBe(42);
  expect(job.createTaskInput(request(), 'waits').number).toBe(43);
});

describe('a held task', () => {
  test('does not count as running, so that a trigger starts at once and a waiting task may begin', () => {
    const job = entity(1, 1);
    job.markHeld('j-1');
    expect(job.takeNext()).toBe('j-2');
    const alone = entity(1);
    alone.markHeld('j-1');
    expect(alone.decide(request({}, 'skip'))).toEqual({ do: 'start', cancel: [] });
    expect(alone.decide(request({}, 'cancel_other'))).toEqual({ do: 'start', cancel: [] });
  });

  test('counts as running once its test runs again, until it has ended', () => {
    const job = entity(1);
    job.markHeld('j-1');
    job.markResumed('j-1');
    expect(job.decide(request({}, 'skip')).do).toBe('refuse');
    job.markEnded('j-1');
    expect(job.decide(request({}, 'skip')).do).toBe('start');
  });

  test('is unsettled, is carried through continue-as-new, and is forgotten when it has ended', () => {
    const job = entity(1);
    job.markHeld('j-1');
    expect(job.unsettled).toEqual(['j-1']);
    const later = new JobEntity(job.toState());
    expect([later.open, later.unsettled, later.inherited]).toEqual([[], ['j-1'], ['j-1']]);
    later.markEnded('j-1');
    expect([later.unsettled, later.inherited]).toEqual([[], []]);
  });

  test('does not count as running when its signal arrives before its start is seen', () => {
    const job = entity();
    job.createTaskInput(request(), undefined);
    job.markHeld('j-1');
    job.markStarted(request(), 'j-1', false);
    expect(job.open).toEqual([]);
  });
});
