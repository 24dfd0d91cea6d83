import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../../support/adapters/mongodb/open-store.ts';
import { lineByLine, logOf, startFollowing, textsOf } from '../../../support/services/runs/following.ts';
import { lines, ScriptedRun, stamp } from '../../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const texts = Array.from({ length: 30 }, (_, n) => `line ${n + 1}`);

/** Reads so many lines of a run, then cuts the engine's log by so many, and follows it to its end. */
async function cutAfter(taskId: string, read: number, cut: number): Promise<ScriptedRun> {
  const scripted = new ScriptedRun(taskId, [{ lines: lines(0, texts), end: { exitCode: 0 } }]);
  const first = startFollowing(opened.store, scripted, {
    runtime: lineByLine(scripted.runtime, (count) => count === read && first.letGo(new Error('let go'))),
  });
  await first.end.catch(() => undefined);
  expect(await textsOf(opened.store, taskId)).toEqual(texts.slice(0, read));
  // The engine has all that the runner prints before it loses the beginning.
  for await (const state of scripted.runtime.watch(scripted.run, new AbortController().signal))
    if (!state.running) break;
  scripted.cut('runner-container', cut);
  await startFollowing(opened.store, scripted).end;
  return scripted;
}

describe('an engine that has lost the beginning of a log', () => {
  test('with lines that nobody has read leaves a marked gap where they were', async () => {
    await cutAfter('gap-1', 10, 20);
    expect(await textsOf(opened.store, 'gap-1')).toEqual([...texts.slice(0, 10), '(gap)', ...texts.slice(20)]);
    const gap = (await logOf(opened.store, 'gap-1')).find((item) => 'gap' in item);
    expect(gap).toMatchObject({ at: stamp(9e6), gap: { from: stamp(9e6), to: stamp(20e6) } });
  });

  test('all of which is stored leaves no gap', async () => {
    await cutAfter('no-gap-1', 10, 5);
    expect(await textsOf(opened.store, 'no-gap-1')).toEqual(texts);
  });

  test('up to the last stored line shows one still, as nobody knows that none is missing', async () => {
    await cutAfter('edge-1', 10, 10);
    expect(await textsOf(opened.store, 'edge-1')).toEqual([...texts.slice(0, 10), '(gap)', ...texts.slice(10)]);
  });

  test('is marked once, however many followers come after', async () => {
    const scripted = await cutAfter('once-1', 10, 20);
    for (let n = 0; n < 3; n += 1) await startFollowing(opened.store, scripted).end;
    const stored = await textsOf(opened.store, 'once-1');
    expect(stored.filter((text) => text === '(gap)')).toHaveLength(1);
    expect(stored.slice(-10)).toEqual(texts.slice(20));
  });
});

describe('a component whose log was rotated while nobody followed', () => {
  const quiet = { lines: lines(0, ['hello']), end: { exitCode: 0 } };
  const component = 'greeter-0';
  const follow = async (scripted: ScriptedRun): Promise<string[]> => {
    await startFollowing(opened.store, scripted).end;
    return textsOf(opened.store, scripted.run.taskId, component);
  };

  test('after the last stored line, and is quiet since, shows one gap behind that line, however often it is followed', async () => {
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

  test('before it was first read shows a gap from its start to the first line that is left', async () => {
    const scripted = new ScriptedRun('rotated-before', [quiet]);
    scripted.print(component, lines(30, ['one', 'two']), { logRotates: true });
    expect(await follow(scripted)).toEqual(['(gap)', 'one', 'two']);
    const gap = (await logOf(opened.store, 'rotated-before', component)).find((item) => 'gap' in item);
    expect(gap).toMatchObject({ gap: { from: stamp(0), to: stamp(30e9) } });
    expect(await follow(scripted)).toEqual(['(gap)', 'one', 'two']);
  });

  test('before it was first read, and of which no line is left, shows one gap', async () => {
    const scripted = new ScriptedRun('rotated-all', [quiet]);
    scripted.print(component, [], { logRotates: true });
    expect(await follow(scripted)).toEqual(['(gap)']);
    scripted.print(component, lines(60, ['later']));
    expect(await follow(scripted)).toEqual(['(gap)', 'later']);
  });

  test('is not suspected when its first line is there, when it is read from its start, or when its log does not rotate', async () => {
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

  test('and that was removed since shows none', async () => {
    const scripted = new ScriptedRun('gone-1', [quiet]);
    scripted.print(component, lines(0, ['listening']));
    expect(await follow(scripted)).toEqual(['listening']);
    scripted.remove(component);
    expect(await follow(scripted)).toEqual(['listening']);
  });
});

test('a line of which only the beginning was there is kept whole, in two pieces', async () => {
  const whole = 'a line that is printed in two pieces';
  const scripted = new ScriptedRun('pieces-1', [{ lines: lines(0, ['one', whole, 'three']), end: { exitCode: 0 } }]);
  const first = startFollowing(opened.store, scripted, {
    runtime: {
      ...scripted.runtime,
      async *readLog() {
        const [one, two] = lines(0, ['one', whole]);
        if (one && two) yield [one, { ...two, text: whole.slice(0, 12) }];
        first.letGo(new Error('let go'));
      },
    },
  });
  await first.end.catch(() => undefined);
  await startFollowing(opened.store, scripted).end;
  expect(await textsOf(opened.store, 'pieces-1')).toEqual(['one', whole.slice(0, 12), whole.slice(12), 'three']);
});
