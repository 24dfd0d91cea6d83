import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../store/open-store.ts';
import { lineByLine, logOf, startFollowing, textsOf } from './following.ts';
import { lines, ScriptedRun, stamp } from './scripted-run.ts';

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
