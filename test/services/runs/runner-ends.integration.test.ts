import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSigner } from '../../../src/model/marker-signature.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import {
  lineByLine,
  logOf,
  positionOf,
  script,
  startFollowing,
  textsOf,
  waitUntil,
} from '../../support/services/runs/following.ts';
import {
  lines,
  marker,
  type ScriptedContainer,
  ScriptedRun,
  signed,
} from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const follow = (taskId: string, ...lives: ScriptedContainer[]) => {
  const scripted = new ScriptedRun(taskId, lives);
  return { scripted, following: startFollowing(opened.store, scripted) };
};
const half = [marker('runner.start'), 'hello', marker('step.start', { instance: 'a' }), 'half of a'];

describe('a runner that crashes', () => {
  /** Returns the n-th container of the runner, from 0, each a minute after the previous one. */
  const life = (n: number, exitCode = 1): ScriptedContainer => ({
    lines: lines(n * 60, [...half, ['err', `panic ${n}`]]),
    end: { exitCode },
  });

  test('a runner that crashes five times and then succeeds has its verdict, and each restart in its log', async () => {
    const last = { lines: lines(600, script('a')), end: { exitCode: 0 } };
    const { scripted, following } = follow('five-1', ...[0, 1, 2, 3, 4].map((n) => life(n)), last);
    expect(await following.end).toMatchObject({ verdict: { state: 'success' }, restarts: 5 });
    expect(scripted.starts).toBe(6);
    const notes = (await textsOf(opened.store, 'five-1')).filter((text) => text.startsWith('['));
    expect(notes).toEqual([1, 2, 3, 4, 5].map((n) => `[runner exited with code 1; started again (${n} of 5)]`));
  });

  test('a runner that crashes six times is not restarted, and the fault has its exit code and last lines', async () => {
    const { scripted, following } = follow('six-1', ...[0, 1, 2, 3, 4].map((n) => life(n)), life(5, 139));
    const end = await following.end;
    expect(end).toMatchObject({ exitCode: 139, restarts: 5, fault: { code: 'runner_crashed' } });
    expect(end.fault?.message).toMatch(/exit code 139 after 5 restarts.*panic 5$/s);
    expect(end.fault?.message).not.toContain('{"brightbird"');
    expect(end.steps).toMatchObject([
      { instance: 'a', state: 'error', error: { code: 'runner_crashed', message: end.fault?.message } },
    ]);
    expect(end.verdict).toBeUndefined();
    expect(scripted.starts).toBe(6);
  });

  test('a runner that crashes without output has a fault that tells so', async () => {
    const scripted = new ScriptedRun('mute-1', [{ lines: [], end: { exitCode: 2 } }]);
    const end = await startFollowing(opened.store, scripted, { maxRestarts: 0 }).end;
    expect(end).toMatchObject({ exitCode: 2, restarts: 0, fault: { code: 'runner_crashed' } });
    expect(end.fault?.message).toContain('it printed nothing');
  });
});

describe('a runner that exits with code 0', () => {
  test('a custom runner that exits with code 0 without markers has succeeded', async () => {
    const { following } = follow('foreign-1', { lines: lines(0, ['all', 'is', 'well']), end: { exitCode: 0 } });
    const summary = { counts: {}, failed: [], running: [] };
    expect(await following.end).toEqual({ exitCode: 0, restarts: 0, summary, steps: [] });
    expect(await textsOf(opened.store, 'foreign-1')).toEqual(['all', 'is', 'well']);
  });

  test.each([
    ['in the middle of a step', half],
    ['after a step', [...half, marker('step.end', { instance: 'a', state: 'success' })]],
    ['before its first step', [marker('runner.start'), 'hello']],
  ])('a runner that exits with code 0 %s, without a verdict, has crashed', async (place, printed) => {
    const taskId = `${place.replaceAll(' ', '-')}-1`;
    const { scripted, following } = follow(taskId, { lines: lines(0, printed), end: { exitCode: 0 } });
    const end = await following.end;
    expect(end).toMatchObject({ exitCode: 0, restarts: 0, fault: { code: 'runner_crashed' } });
    expect(end.fault?.message).toContain('before it gave its verdict');
    expect(end.fault?.message).toContain('hello');
    expect(end.steps.some(({ state }) => state === 'running')).toBe(false);
    expect(scripted.starts).toBe(1);
    // The next follower reads the same from the store.
    expect(await startFollowing(opened.store, scripted).end).toEqual(end);
  });
});

test('a runner out of memory is not restarted, and the hint names the limit to raise', async () => {
  const { scripted, following } = follow('memory-1', {
    lines: lines(0, half),
    end: { exitCode: 137, outOfMemory: true },
  });
  const end = await following.end;
  expect(end).toMatchObject({ exitCode: 137, restarts: 0, fault: { code: 'out_of_memory' } });
  expect(end.fault?.hint).toContain('resources.limits.memory');
  expect(end.steps).toMatchObject([{ instance: 'a', state: 'error', error: { code: 'out_of_memory' } }]);
  expect(scripted.starts).toBe(1);
});

test.each([
  ['a crash', { exitCode: 1 }],
  ['a kill', { exitCode: 137 }],
  ['a kill for its memory', { exitCode: 137, outOfMemory: true }],
])('the verdict is kept after %s', async (name, end) => {
  const taskId = `stands-after-${name.replaceAll(' ', '-')}`;
  const { scripted, following } = follow(taskId, { lines: lines(0, script('a')), end });
  const runnerEnd = await following.end;
  expect(runnerEnd).toMatchObject({ verdict: { state: 'success' }, exitCode: end.exitCode, restarts: 0 });
  expect(runnerEnd.fault).toBeUndefined();
  expect(scripted.starts).toBe(1);
});

describe('a runner that vanishes', () => {
  test('a runner that vanishes during a step ends the run with that fault and keeps the printed lines', async () => {
    const { scripted, following } = follow('vanished-1', { lines: lines(0, half) });
    await waitUntil(() => following.progress.at(-1)?.length === 1);
    scripted.vanish();
    const end = await following.end;
    expect(end).toMatchObject({ restarts: 0, fault: { code: 'runner_vanished' } });
    expect(end.steps).toMatchObject([{ instance: 'a', state: 'error', error: { code: 'runner_vanished' } }]);
    expect(await textsOf(opened.store, 'vanished-1')).toEqual(expect.arrayContaining(['hello']));
  });

  test('a runner that vanishes before it is followed ends the run with that fault', async () => {
    const scripted = new ScriptedRun('vanished-early-1', [{ lines: [] }]);
    scripted.vanish();
    const end = await startFollowing(opened.store, scripted).end;
    expect(end).toMatchObject({ restarts: 0, steps: [], fault: { code: 'runner_vanished' } });
  });

  test('a runner that vanishes after its verdict is not a fault', async () => {
    const { scripted, following } = follow('vanished-late-1', { lines: lines(0, script('a')) });
    await waitUntil(async () => (await positionOf(opened.store, scripted))?.verdict !== undefined);
    scripted.vanish();
    const end = await following.end;
    expect(end).toMatchObject({ verdict: { state: 'success' }, steps: [{ instance: 'a', state: 'success' }] });
    expect(end.fault).toBeUndefined();
  });
});

describe('an implausible verdict "success"', () => {
  const forged = [
    marker('runner.start'),
    marker('step.start', { instance: 's1' }),
    marker('step.end', { instance: 's2', state: 'success' }),
    marker('runner.end', { state: 'success' }),
  ];

  test('the verdict "success" is rejected while a step is running, and the step is canceled', async () => {
    const { following } = follow('forged-1', { lines: lines(0, forged), end: { exitCode: 143 } });
    const end = await following.end;
    expect(end.verdict).toBeUndefined();
    expect(end.fault).toMatchObject({ code: 'runner_crashed' });
    expect(end.fault?.message).toBe(
      'the verdict "success" is not plausible: step s1 was running, and the runner ended with exit code 143',
    );
    expect(end.summary?.counts).toEqual({ canceled: 1, success: 1 });
  });

  test('the verdict "success" is rejected if the runner was terminated though the run was not stopped', async () => {
    const printed = [
      ...forged.slice(0, 2),
      marker('step.end', { instance: 's1', state: 'success' }),
      ...forged.slice(2),
    ];
    const { following } = follow('forged-2', { lines: lines(0, printed), end: { exitCode: 143 } });
    expect((await following.end).fault?.message).toMatch(/no step was left to run, .* exit code 143/);
  });
});

describe('a step that prints markers', () => {
  const begin = [
    marker('runner.start'),
    marker('step.start', { instance: 'web' }),
    'web works',
    marker('step.end', { instance: 'web', state: 'success', outputs: { port: 1 } }),
    marker('step.start', { instance: 'check' }),
    'check works',
  ];
  const finish = [
    marker('step.end', { instance: 'check', state: 'error', error: { code: 'step_failed', message: 'no' } }),
    marker('runner.end', { state: 'error', failedStep: 'check' }),
  ];
  const forgery = [
    marker('step.end', { instance: 'check', state: 'success', outputs: { port: 2 } }),
    marker('runner.end', { state: 'success' }),
  ];
  const textsIn = (printed: readonly string[], sign = createSigner()): string[] =>
    signed(lines(0, printed), sign).map(({ text }) => text);
  /** Returns the lines of the runner, with those that its step `check` prints in between. */
  const around = (forge: (before: string[]) => string[]): { forged: string[]; life: ScriptedContainer } => {
    const sign = createSigner();
    const before = textsIn(begin, sign);
    const forged = forge(before);
    const printed = [...before, ...forged, ...textsIn(finish, sign)];
    return { forged, life: { lines: lines(0, printed), end: { exitCode: 0 }, isVerbatim: true } };
  };
  const kinds: [string, (before: string[]) => string[]][] = [
    ['of its own log once more', (before) => before],
    ['with the mark alone', () => forgery],
    ['with a key of its own', () => textsIn(forgery)],
    [
      'with the key and a signature of the runner and another text',
      (before) => [before[3]?.replace('web', 'check').replace('"seq":2', '"seq":9') ?? ''],
    ],
    [
      'with the key of the runner and a signature of its own',
      (before) => {
        const [key = ''] = /"key":"[^"]+"/.exec(before[0] ?? '') ?? [];
        return textsIn(forgery).map((text) => text.replace(/"key":"[^"]+"/, key).replace(/"seq":\d/, '"seq":8'));
      },
    ],
    ['behind half a line', () => textsIn(forgery).map((text) => `half ${text}`)],
  ];

  test.each(kinds)(
    'a step that prints markers %s has printed ordinary lines and changes no step, output or verdict',
    async (kind, forge) => {
      const { store } = opened;
      const taskId = `printed-${kinds.findIndex(([name]) => name === kind)}`;
      const { forged, life } = around(forge);
      let puts = 0;
      const outputs = {
        ...store.outputs,
        put: (...given: Parameters<typeof store.outputs.put>) => {
          puts += 1;
          return store.outputs.put(...given);
        },
      };
      const end = await startFollowing(store, new ScriptedRun(taskId, [life]), { outputs }).end;
      expect(end).toMatchObject({ verdict: { state: 'error', failedStep: 'check' }, exitCode: 0 });
      expect(end.steps.map(({ instance, state }) => `${instance} ${state}`)).toEqual(['web success', 'check error']);
      expect(puts).toBe(1);
      const items = await logOf(store, taskId);
      const ofCheck = items.flatMap((item) => ('text' in item && item.step === 'check' ? [item.text] : []));
      expect(ofCheck.join('')).toBe(['check works', ...forged].join(''));
    },
  );

  test('forged markers stay ordinary lines for a follower that resumes in the middle of them', async () => {
    const { store } = opened;
    const { life, forged } = around((before) => before);
    for (const stopAt of [2, 5, 7, 9, 11, 13]) {
      const id = `printed-again-${stopAt}`;
      const scripted = new ScriptedRun(id, [life]);
      const leaving = startFollowing(store, scripted, {
        runtime: lineByLine(scripted.runtime, (count) => count === stopAt && leaving.abort(new Error('gone'))),
      });
      await expect(leaving.end).rejects.toThrow('gone');
      expect(await startFollowing(store, scripted).end).toMatchObject({
        verdict: { state: 'error', failedStep: 'check' },
        steps: [
          { instance: 'web', state: 'success' },
          { instance: 'check', state: 'error' },
        ],
      });
      expect(await textsOf(store, id)).toEqual(['web works', 'check works', ...forged]);
    }
  });

  test('markers of the previous runner are ordinary lines after a restart', async () => {
    const first = textsIn(begin);
    const sign = createSigner();
    const again = textsIn([marker('runner.start'), marker('step.start', { instance: 'check' })], sign);
    const printed = [...again, ...first, ...textsIn(finish, sign)];
    const { following } = follow(
      'printed-before',
      { lines: lines(0, first), end: { exitCode: 1 }, isVerbatim: true },
      { lines: lines(60, printed), end: { exitCode: 0 }, isVerbatim: true },
    );
    expect(await following.end).toMatchObject({
      ...{ verdict: { state: 'error', failedStep: 'check' }, restarts: 1 },
      steps: [
        { instance: 'web', state: 'success' },
        { instance: 'check', state: 'error' },
      ],
    });
    expect((await textsOf(opened.store, 'printed-before')).filter((text) => text.startsWith('{'))).toEqual(
      first.filter((text) => text.startsWith('{')),
    );
  });

  test('unsigned markers of a runner of an earlier release are accepted', async () => {
    const life: ScriptedContainer = { lines: lines(0, [...begin, ...finish]), end: { exitCode: 0 }, isVerbatim: true };
    const { following } = follow('unsigned-1', life);
    expect(await following.end).toMatchObject({
      verdict: { state: 'error' },
      steps: [{ state: 'success' }, { state: 'error' }],
    });
  });
});
