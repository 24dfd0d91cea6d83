import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readLogs } from '../../../src/services/logs/read.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { startFollowing } from '../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const error = { code: 'step_failed', message: 'the script ended with exit code 3' };
const printed = [
  marker('runner.start'),
  marker('step.start', { instance: 'fail' }),
  marker('step.end', { instance: 'fail', state: 'error', error }),
  marker('step.start', { instance: 'tidy' }),
  'tidying',
  marker('step.end', { instance: 'tidy', state: 'success' }),
  marker('runner.end', { state: 'error', failedStep: 'fail', skipped: ['between', 'more'] }),
];

test('steps are skipped after the verdict for the follower, its successors and readers', async () => {
  const { store } = opened;
  const scripted = new ScriptedRun('skipped-1', [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
  const following = startFollowing(store, scripted);
  const end = await following.end;
  const states = end.steps.map(({ instance, state }) => `${instance} ${state}`);
  expect(states).toEqual(['fail error', 'tidy success', 'between skipped', 'more skipped']);
  expect(following.progress.at(-3)?.map(({ instance }) => instance)).toEqual(['fail', 'tidy']);
  expect((await store.steps.read('skipped-1', 1))?.steps.map(({ state }) => state)).toEqual([
    'error',
    'success',
    'skipped',
    'skipped',
  ]);
  expect(await startFollowing(store, scripted).end).toEqual(end);
  const page = await readLogs(store.logs, { taskId: 'skipped-1', filter: { step: 'between' }, limit: 10 });
  expect(page).toMatchObject({ items: [], ended: true });
});
