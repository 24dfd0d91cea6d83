import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { logOf, positionOf, script, startFollowing, textsOf } from '../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const error = { code: 'step_failed' as const, message: 'expected 200, got 500', where: { step: 'check' } };
const failing: Parameters<typeof lines>[1] = [
  marker('runner.start'),
  'hello',
  marker('step.start', { instance: 'deploy' }),
  'deploying',
  marker('step.end', {
    instance: 'deploy',
    state: 'success',
    outputs: { 'svc.endpoint': 'http://x', deep: { n: [1] } },
  }),
  marker('step.start', { instance: 'check', at: '2026-11-23T10:00:01.000Z' }),
  ['err', 'GET /hello'],
  marker('step.end', { instance: 'check', state: 'error', at: '2026-11-23T10:00:02.000Z', error }),
  'bye',
  marker('runner.end', { state: 'error', failedStep: 'check' }),
];

describe('a run that is followed from its beginning to its end', () => {
  test('a run ends with its verdict, its steps with times, and the fault of the failed step', async () => {
    const scripted = new ScriptedRun('failing-1', [{ lines: lines(0, failing), end: { exitCode: 0 } }]);
    const { end, progress } = startFollowing(opened.store, scripted);
    const steps = [
      {
        instance: 'deploy',
        state: 'success',
        startedAt: '2026-11-23T10:00:00.000Z',
        finishedAt: '2026-11-23T10:00:00.000Z',
      },
      {
        instance: 'check',
        state: 'error',
        startedAt: '2026-11-23T10:00:01.000Z',
        finishedAt: '2026-11-23T10:00:02.000Z',
        error,
      },
    ];
    const verdict = { state: 'error', failedStep: 'check' };
    const summary = { counts: { success: 1, error: 1 }, failed: steps.slice(-1), running: [] };
    expect(await end).toEqual({ verdict, exitCode: 0, restarts: 0, summary, steps });
    expect(progress.at(-1)).toEqual(steps);
    const seen = progress.map((all) => all.map(({ instance, state }) => `${instance} ${state}`).join(', '));
    expect([...new Set(seen)]).toEqual([
      '',
      'deploy running',
      'deploy success',
      'deploy success, check running',
      'deploy success, check error',
    ]);
  });

  test('the log of a run has every line in order with step and stream, and no marker', async () => {
    const scripted = new ScriptedRun('lines-1', [{ lines: lines(0, failing), end: { exitCode: 0 } }]);
    await startFollowing(opened.store, scripted).end;
    const items = await logOf(opened.store, 'lines-1');
    const shown = items.map((item) => 'text' in item && [item.seq, item.step, item.stream, item.text]);
    expect(shown).toEqual([
      [1, undefined, 'out', 'hello'],
      [2, 'deploy', 'out', 'deploying'],
      [3, 'check', 'err', 'GET /hello'],
      [4, undefined, 'out', 'bye'],
    ]);
    expect(items.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
  });

  test('the logs of a run and its components have no secrets, also after a change of followers', async () => {
    const mask = (text: string): string => text.replaceAll('s3cret', '***');
    const printed = [marker('runner.start'), 'has s3cret', marker('runner.end', { state: 'success' })];
    const scripted = new ScriptedRun('masked-1', [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
    scripted.print('greeter', lines(0, ['got s3cret', 'and again s3cret']));
    await startFollowing(opened.store, scripted, { mask }).end;
    await startFollowing(opened.store, scripted, { mask }).end;
    expect(await textsOf(opened.store, 'masked-1')).toEqual(['has ***']);
    expect(await textsOf(opened.store, 'masked-1', 'greeter')).toEqual(['got ***', 'and again ***']);
  });

  test('each line has its step when steps run in parallel, also after a change of followers', async () => {
    const [one, two] = ['one', 'two'].map((instance) => ({
      start: marker('step.start', { instance }),
      lines: marker('step.lines', { instance }),
      end: marker('step.end', { instance, state: 'success' }),
    }));
    if (!one || !two) throw new Error('two steps');
    const begun = [marker('runner.start'), one.start, 'one a', two.start, 'two a', one.lines, 'one b'];
    const ended = ['one c', two.lines, 'two b', one.end, 'two c', two.end, marker('runner.end', { state: 'success' })];
    const scripted = new ScriptedRun('parallel-1', [
      { lines: [...lines(0, begun), ...lines(1, ended)], end: { exitCode: 0 } },
    ]);
    await startFollowing(opened.store, scripted).end;
    const items = await logOf(opened.store, 'parallel-1');
    const shown = items.map((item) => 'text' in item && [item.step, item.text]);
    expect(shown).toEqual(
      ['one a', 'two a', 'one b', 'one c', 'two b', 'two c'].map((text) => [text.slice(0, 3), text]),
    );
    const position = await positionOf(opened.store, scripted);
    expect(position?.steps?.map(({ state }) => state)).toEqual(['success', 'success']);
  });

  test('the outputs of steps are stored, whatever their keys are', async () => {
    const scripted = new ScriptedRun('outputs-1', [{ lines: lines(0, failing), end: { exitCode: 0 } }]);
    await startFollowing(opened.store, scripted).end;
    expect(await opened.store.outputs.all('outputs-1', 1)).toEqual({
      deploy: { 'svc.endpoint': 'http://x', deep: { n: [1] } },
    });
  });

  test('a follower after the end of a run reports the same and stores nothing twice', async () => {
    const scripted = new ScriptedRun('over-1', [{ lines: lines(0, script('a', 'b')), end: { exitCode: 0 } }]);
    const first = await startFollowing(opened.store, scripted).end;
    const position = await positionOf(opened.store, scripted);
    const last = await opened.store.logs.last('over-1/runner-container');
    const second = startFollowing(opened.store, scripted);
    expect(await second.end).toEqual(first);
    expect(second.progress[0]).toEqual(first.steps);
    expect(await positionOf(opened.store, scripted)).toEqual(position);
    expect((await opened.store.logs.last('over-1/runner-container'))?.n).toBe(last?.n);
  });
});

describe('a line that only looks like a marker', () => {
  const start = marker('step.start', { instance: 'fake' });
  test.each([
    ['has the mark of another attempt', start.replace('mark-of-the-attempt', 'mark-of-another'), 'out'],
    ['has no mark', JSON.stringify({ brightbird: 'step.start', at: 'now', instance: 'fake' }), 'out'],
    ['was printed to stderr', start, 'err'],
    ['has an unknown kind', marker('step.pause', { instance: 'fake' }), 'out'],
    ['is truncated', start.slice(0, -1), 'out'],
  ] as const)('a line that %s is an ordinary line of the running step', async (name, fake, kind) => {
    const taskId = `${name.replaceAll(' ', '-')}-1`;
    const printed: Parameters<typeof lines>[1] = [
      marker('runner.start'),
      marker('step.start', { instance: 'real' }),
      [kind, fake],
      'after',
    ];
    const rest = [
      marker('step.end', { instance: 'real', state: 'success' }),
      marker('runner.end', { state: 'success' }),
    ];
    const scripted = new ScriptedRun(taskId, [{ lines: lines(0, [...printed, ...rest]), end: { exitCode: 0 } }]);
    const end = await startFollowing(opened.store, scripted).end;
    expect(end.steps.map(({ instance }) => instance)).toEqual(['real']);
    const items = await logOf(opened.store, taskId);
    expect(items).toMatchObject([
      { step: 'real', stream: kind, text: fake },
      { step: 'real', text: 'after' },
    ]);
  });
});
