import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RuntimeWait } from '../../../src/model/waiting.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { positionOf, startFollowing, textsOf, until } from '../../support/services/runs/following.ts';
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

/** Follows a runner that prints the texts, and answers with all waits that were told, each once. */
async function waitsTold(taskId: string, texts: string[]): Promise<(readonly RuntimeWait[])[]> {
  const told: (readonly RuntimeWait[])[] = [];
  const onWaits = (now: readonly RuntimeWait[]) => {
    if (JSON.stringify(now) !== JSON.stringify(told.at(-1))) told.push(now);
  };
  const scripted = new ScriptedRun(taskId, [{ lines: lines(0, texts), end: { exitCode: 0 } }]);
  await startFollowing(opened.store, scripted, { onWaits }).end;
  return told;
}

test('what a runner says that its step waits for is told until it says that the step goes on', async () => {
  const told = await waitsTold('waits-1', [...begin, waits, 'pulling', goesOn, 'ready', end, verdict]);
  expect(told).toEqual([[], [shown], []]);
  expect(await textsOf(opened.store, 'waits-1')).toEqual(['pulling', 'ready']);
});

test.each([
  ['its end', [end, verdict]],
  ['its next try', [marker('step.start', { instance: 'greeter', tries: 2 }), end, verdict]],
  ['a start of its runner after a crash', [marker('runner.start'), end, verdict]],
])('what a step waits for is over with %s', async (what, rest) => {
  expect(await waitsTold(`waits-${what}`, [...begin, waits, ...rest])).toEqual([[], [shown], []]);
});

test('what one step waits for stays while another one ends', async () => {
  const other = ['step.start', 'step.end'].map((name) => marker(name, { instance: 'other', state: 'success' }));
  expect(await waitsTold('waits-other', [...begin, waits, ...other, goesOn, end, verdict])).toEqual([[], [shown], []]);
});

test('a follower that takes over tells what the one before has read that a step waits for', async () => {
  const scripted = new ScriptedRun('waits-taken-over', [{ lines: lines(0, [...begin, waits]) }]);
  const first = startFollowing(opened.store, scripted);
  await until(async () => (await positionOf(opened.store, scripted))?.waits !== undefined);
  first.letGo(new Error('its worker ends'));
  await expect(first.end).rejects.toThrow('its worker ends');
  const told: (readonly RuntimeWait[])[] = [];
  const second = startFollowing(opened.store, scripted, { onWaits: (now) => told.push(now) });
  await until(() => told.some(([wait]) => wait?.message === pull.message));
  second.letGo();
  await expect(second.end).rejects.toThrow();
});
