import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../../support/adapters/mongodb/open-store.ts';
import { lineByLine, startFollowing, textsOf } from '../../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun } from '../../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const error = { code: 'step_failed', message: 'the script ended with exit code 3' };
const printed = [
  marker('runner.start'),
  marker('step.start', { instance: 's' }),
  'one',
  `tail without newline${marker('step.end', { instance: 's', state: 'error', error })}`,
  marker('runner.end', { state: 'error', failedStep: 's' }),
];

test('a marker after an incomplete line of a step is recognized and not shown', async () => {
  const { store } = opened;
  const scripted = new ScriptedRun('partial-1', [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
  expect(await startFollowing(store, scripted).end).toMatchObject({
    verdict: { state: 'error', failedStep: 's' },
    steps: [{ instance: 's', state: 'error', error }],
  });
  expect(await textsOf(store, 'partial-1')).toEqual(['one', 'tail without newline']);
});

test('a follower that is aborted after an incomplete line resumes without losing or repeating it', async () => {
  const { store } = opened;
  for (const stopAt of [3, 4, 5]) {
    const id = `partial-again-${stopAt}`;
    const scripted = new ScriptedRun(id, [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
    const leaving = startFollowing(store, scripted, {
      runtime: lineByLine(scripted.runtime, (count) => count === stopAt && leaving.abort(new Error('gone'))),
    });
    await expect(leaving.end).rejects.toThrow('gone');
    expect(await startFollowing(store, scripted).end).toMatchObject({ steps: [{ instance: 's', state: 'error' }] });
    expect(await textsOf(store, id)).toEqual(['one', 'tail without newline']);
  }
});

test('a line with a marker of another attempt is stored as printed', async () => {
  const { store } = opened;
  const quoted = `see ${marker('step.end', { instance: 's', state: 'success' }).replace('mark-of', 'another')}`;
  const scripted = new ScriptedRun('quoted-1', [{ lines: lines(0, [quoted]), end: { exitCode: 0 } }]);
  await startFollowing(store, scripted).end;
  expect(await textsOf(store, 'quoted-1')).toEqual([quoted]);
});
