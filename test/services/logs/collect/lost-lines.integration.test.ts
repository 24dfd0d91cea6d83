import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../../support/adapters/mongodb/open-store.ts';
import { lineByLine, logOf, startFollowing, textsOf } from '../../../support/services/runs/following.ts';
import { lines, ScriptedRun, timestampAt } from '../../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const texts = Array.from({ length: 30 }, (_, n) => `line ${n + 1}`);

/** Reads a number of lines of a run, truncates the engine's log by a number of lines, and follows it to its end. */
async function cutAfter(taskId: string, read: number, cut: number): Promise<ScriptedRun> {
  const scripted = new ScriptedRun(taskId, [{ lines: lines(0, texts), end: { exitCode: 0 } }]);
  const first = startFollowing(opened.store, scripted, {
    runtime: lineByLine(scripted.runtime, (count) => count === read && first.abort(new Error('let go'))),
  });
  await first.end.catch(() => undefined);
  expect(await textsOf(opened.store, taskId)).toEqual(texts.slice(0, read));
  // The engine has all lines of the runner before it loses the first ones.
  for await (const state of scripted.runtime.watch(scripted.run, new AbortController().signal))
    if (!state.running) break;
  scripted.cut('runner-container', cut);
  await startFollowing(opened.store, scripted).end;
  return scripted;
}

describe('an engine that has lost the beginning of a log', () => {
  test('a truncated log with unread lines has a gap at their place', async () => {
    await cutAfter('gap-1', 10, 20);
    expect(await textsOf(opened.store, 'gap-1')).toEqual([...texts.slice(0, 10), '(gap)', ...texts.slice(20)]);
    const gap = (await logOf(opened.store, 'gap-1')).find((item) => 'gap' in item);
    expect(gap).toMatchObject({ at: timestampAt(9e6), gap: { from: timestampAt(9e6), to: timestampAt(20e6) } });
  });

  test('a truncated log whose lost lines are stored has no gap', async () => {
    await cutAfter('no-gap-1', 10, 5);
    expect(await textsOf(opened.store, 'no-gap-1')).toEqual(texts);
  });

  test('a log truncated up to the last stored line has a gap, as lines may be missing', async () => {
    await cutAfter('edge-1', 10, 10);
    expect(await textsOf(opened.store, 'edge-1')).toEqual([...texts.slice(0, 10), '(gap)', ...texts.slice(10)]);
  });

  test('a gap of a truncated log is stored once, however many followers come later', async () => {
    const scripted = await cutAfter('once-1', 10, 20);
    for (let n = 0; n < 3; n += 1) await startFollowing(opened.store, scripted).end;
    const stored = await textsOf(opened.store, 'once-1');
    expect(stored.filter((text) => text === '(gap)')).toHaveLength(1);
    expect(stored.slice(-10)).toEqual(texts.slice(20));
  });
});

describe('a component whose log was rotated while it was not followed', () => {
  const quiet = { lines: lines(0, ['hello']), end: { exitCode: 0 } };
  const component = 'greeter-0';
  const follow = async (scripted: ScriptedRun): Promise<string[]> => {
    await startFollowing(opened.store, scripted).end;
    return textsOf(opened.store, scripted.run.taskId, component);
  };

  test('a log rotated after the last stored line has one gap, however often it is followed', async () => {
    const scripted = new ScriptedRun('rotated-quiet', [quiet]);
    scripted.print(component, lines(0, ['listening']));
    expect(await follow(scripted)).toEqual(['listening']);
    scripted.cut(`${component}-container`, 1);
    expect(await follow(scripted)).toEqual(['listening', '(gap)']);
    expect(await follow(scripted)).toEqual(['listening', '(gap)']);
    scripted.print(component, lines(60, ['later']));
    expect(await follow(scripted)).toEqual(['listening', '(gap)', 'later']);
    expect(await follow(scripted)).toEqual(['listening', '(gap)', 'later']);
  });

  test('a log rotated before it was first read has a gap from its start to the first remaining line', async () => {
    const scripted = new ScriptedRun('rotated-before', [quiet]);
    scripted.print(component, lines(30, ['one', 'two']), { logRotates: true });
    expect(await follow(scripted)).toEqual(['(gap)', 'one', 'two']);
    const gap = (await logOf(opened.store, 'rotated-before', component)).find((item) => 'gap' in item);
    expect(gap).toMatchObject({ gap: { from: timestampAt(0), to: timestampAt(30e9) } });
    expect(await follow(scripted)).toEqual(['(gap)', 'one', 'two']);
  });

  test('a log rotated before it was first read, without remaining lines, has one gap', async () => {
    const scripted = new ScriptedRun('rotated-all', [quiet]);
    scripted.print(component, [], { logRotates: true });
    expect(await follow(scripted)).toEqual(['(gap)']);
    scripted.print(component, lines(60, ['later']));
    expect(await follow(scripted)).toEqual(['(gap)', 'later']);
  });

  test('a log has no gap if it has its first line, is read from its start, or does not rotate', async () => {
    const first = new ScriptedRun('not-rotated', [quiet]);
    first.print(component, lines(0, ['one']), { logRotates: true });
    expect(await follow(first)).toEqual(['one']);
    const fresh = new ScriptedRun('read-from-start', [quiet]);
    fresh.print(component, [], { logRotates: true, startedAt: new Date().toISOString() });
    expect(await follow(fresh)).toEqual([]);
    const endless = new ScriptedRun('never-rotates', [quiet]);
    endless.print(component, lines(30, ['one']));
    expect(await follow(endless)).toEqual(['one']);
  });

  test('the rotated log of a removed component has no gap', async () => {
    const scripted = new ScriptedRun('gone-1', [quiet]);
    scripted.print(component, lines(0, ['listening']));
    expect(await follow(scripted)).toEqual(['listening']);
    scripted.remove(component);
    expect(await follow(scripted)).toEqual(['listening']);
  });
});

test('a line that was read incompletely is stored in two pieces', async () => {
  const whole = 'a line that is printed in two pieces';
  const scripted = new ScriptedRun('pieces-1', [{ lines: lines(0, ['one', whole, 'three']), end: { exitCode: 0 } }]);
  const first = startFollowing(opened.store, scripted, {
    runtime: {
      ...scripted.runtime,
      async *readLog() {
        const [one, two] = lines(0, ['one', whole]);
        if (one && two) yield [one, { ...two, text: whole.slice(0, 12) }];
        first.abort(new Error('let go'));
      },
    },
  });
  await first.end.catch(() => undefined);
  await startFollowing(opened.store, scripted).end;
  expect(await textsOf(opened.store, 'pieces-1')).toEqual(['one', whole.slice(0, 12), whole.slice(12), 'three']);
});
