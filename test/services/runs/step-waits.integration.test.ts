import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RuntimeWait } from '../../../src/model/waiting.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { positionOf, startFollowing, textsOf, waitUntil } from '../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const pull = { reason: 'image_pull', message: 'the engine pulls image greeter:1', source: 'greeter-0' };
const shown = { ...pull, since: '2026-11-23T10:00:00.000Z' };
const begin = [marker('runner.start'), marker('step.start', { instance: 'greeter' })];
const waits = marker('step.waiting', { instance: 'greeter', wait: pull });
const goesOn = marker('step.waiting', { instance: 'greeter' });
const end = marker('step.end', { instance: 'greeter', state: 'success' });
const verdict = marker('runner.end', { state: 'success' });

/** Follows a runner that prints the texts. Returns all reported waits, each once. */
async function reportedWaits(taskId: string, texts: string[]): Promise<(readonly RuntimeWait[])[]> {
  const reported: (readonly RuntimeWait[])[] = [];
  const onWaits = (now: readonly RuntimeWait[]) => {
    if (JSON.stringify(now) !== JSON.stringify(reported.at(-1))) reported.push(now);
  };
  const scripted = new ScriptedRun(taskId, [{ lines: lines(0, texts), end: { exitCode: 0 } }]);
  await startFollowing(opened.store, scripted, { onWaits }).end;
  return reported;
}

test('the wait of a step is reported until the runner reports its end', async () => {
  const reported = await reportedWaits('waits-1', [...begin, waits, 'pulling', goesOn, 'ready', end, verdict]);
  expect(reported).toEqual([[], [shown], []]);
  expect(await textsOf(opened.store, 'waits-1')).toEqual(['pulling', 'ready']);
});

test.each([
  ['its end', [end, verdict]],
  ['its next try', [marker('step.start', { instance: 'greeter', tries: 2 }), end, verdict]],
  ['a start of its runner after a crash', [marker('runner.start'), end, verdict]],
])('the wait of a step ends with %s', async (what, rest) => {
  expect(await reportedWaits(`waits-${what}`, [...begin, waits, ...rest])).toEqual([[], [shown], []]);
});

test('the wait of a step stays while another step ends', async () => {
  const other = ['step.start', 'step.end'].map((name) => marker(name, { instance: 'other', state: 'success' }));
  expect(await reportedWaits('waits-other', [...begin, waits, ...other, goesOn, end, verdict])).toEqual([
    [],
    [shown],
    [],
  ]);
});

test('a follower that takes over reports the wait of a step that the previous one has read', async () => {
  const scripted = new ScriptedRun('waits-taken-over', [{ lines: lines(0, [...begin, waits]) }]);
  const first = startFollowing(opened.store, scripted);
  await waitUntil(async () => (await positionOf(opened.store, scripted))?.waits !== undefined);
  first.abort(new Error('its worker ends'));
  await expect(first.end).rejects.toThrow('its worker ends');
  const reported: (readonly RuntimeWait[])[] = [];
  const second = startFollowing(opened.store, scripted, { onWaits: (now) => reported.push(now) });
  await waitUntil(() => reported.some(([wait]) => wait?.message === pull.message));
  second.abort();
  await expect(second.end).rejects.toThrow();
});
