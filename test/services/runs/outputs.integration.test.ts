import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { positionOf, startFollowing, textsOf } from '../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const outputs = { svcEndpoint: 'greeter:8080' };
const printed = [
  marker('runner.start'),
  marker('step.start', { instance: 'deploy' }),
  'deploying',
  marker('step.end', { instance: 'deploy', state: 'success', outputs }),
  marker('runner.end', { state: 'success' }),
];

test('the outputs of an ended step are stored wherever its follower is killed', async () => {
  const { store } = opened;
  const scripted = new ScriptedRun('outputs-1', [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
  const killed = new Error('killed');
  const first = startFollowing(store, scripted, {
    outputs: {
      ...store.outputs,
      async put() {
        throw killed;
      },
    },
  });
  await expect(first.end).rejects.toBe(killed);
  expect((await positionOf(store, scripted))?.steps).toMatchObject([{ instance: 'deploy', state: 'running' }]);
  expect(await store.outputs.all('outputs-1', 1)).toEqual({});
  const second = await startFollowing(store, scripted).end;
  expect(second).toMatchObject({ verdict: { state: 'success' }, steps: [{ instance: 'deploy', state: 'success' }] });
  expect(await store.outputs.all('outputs-1', 1)).toEqual({ deploy: outputs });
  expect(await textsOf(store, 'outputs-1')).toEqual(['deploying']);
});

test('outputs are not visible in the log', async () => {
  const { store } = opened;
  const scripted = new ScriptedRun('hidden-1', [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
  await startFollowing(store, scripted).end;
  const chunks = await store.logs.read('hidden-1/runner-container', 0, 100);
  expect(JSON.stringify(chunks)).not.toContain(outputs.svcEndpoint);
});
