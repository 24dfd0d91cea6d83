import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import {
  type Following,
  positionOf,
  script,
  startFollowing,
  textsOf,
  waitUntil,
} from '../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const half = [marker('runner.start'), 'hello', marker('step.start', { instance: 'a' }), 'half of a'];
const stopNote = '[the run is being stopped, so the runner is told to end]';
const stepRuns = (following: Following) => waitUntil(() => following.progress.at(-1)?.[0]?.state === 'running');
/** Waits until the engine's log has all lines of a container. */
const printed = (scripted: ScriptedRun, count: number) =>
  waitUntil(async () => {
    const all: string[] = [];
    const state = { containerId: 'runner-container', streamId: 'x' };
    const signal = new AbortController().signal;
    for await (const batch of scripted.runtime.readLog(state, undefined, signal, { follow: false })) {
      all.push(...batch.map(({ text }) => text));
    }
    return all.length === count;
  });

describe('a run that is stopped', () => {
  test('a run stopped during a step terminates its runner, cancels the step and has a complete log', async () => {
    const scripted = new ScriptedRun('middle-1', [{ lines: lines(0, half) }]);
    const following = startFollowing(opened.store, scripted);
    await stepRuns(following);
    await printed(scripted, half.length);
    following.stop();
    const end = await following.end;
    expect(end).toMatchObject({ exitCode: 143, restarts: 0, steps: [{ instance: 'a', state: 'canceled' }] });
    expect(end.fault).toBeUndefined();
    expect(end.verdict).toBeUndefined();
    expect([scripted.stops, scripted.starts]).toEqual([1, 1]);
    const texts = await textsOf(opened.store, 'middle-1');
    expect(texts.filter((text) => text !== stopNote)).toEqual(['hello', 'half of a']);
    expect(texts).toContain(stopNote);
  });

  test('a stopped run has the last lines of its runner in the log', async () => {
    const words = ['cleaning up', 'bye'];
    const scripted = new ScriptedRun('words-1', [{ lines: lines(0, half) }]);
    const following = startFollowing(opened.store, scripted, {
      runtime: {
        ...scripted.runtime,
        async stop(...request) {
          scripted.print('runner', lines(30, words));
          await scripted.runtime.stop(...request);
        },
      },
    });
    await stepRuns(following);
    await printed(scripted, half.length);
    following.stop();
    await following.end;
    const texts = await textsOf(opened.store, 'words-1');
    expect(texts.filter((text) => text !== stopNote)).toEqual(['hello', 'half of a', ...words]);
  });

  test('a run stopped after its verdict keeps the verdict', async () => {
    const scripted = new ScriptedRun('verdict-1', [{ lines: lines(0, script('a')) }]);
    const following = startFollowing(opened.store, scripted);
    await waitUntil(async () => (await positionOf(opened.store, scripted))?.verdict !== undefined);
    following.stop();
    const end = await following.end;
    expect(end).toMatchObject({ verdict: { state: 'success' }, steps: [{ instance: 'a', state: 'success' }] });
    expect(end.fault).toBeUndefined();
    expect(scripted.stops).toBe(1);
  });

  test('a run stopped before it is followed ends in the same way', async () => {
    const scripted = new ScriptedRun('early-1', [{ lines: lines(0, half) }]);
    await printed(scripted, half.length);
    const end = await startFollowing(opened.store, scripted, { stopSignal: AbortSignal.abort() }).end;
    expect(end).toMatchObject({ exitCode: 143, restarts: 0 });
    expect(end.fault).toBeUndefined();
    const texts = await textsOf(opened.store, 'early-1');
    expect(texts.filter((text) => text !== stopNote)).toEqual(['hello', 'half of a']);
  });
});

describe('a run that is stopped after its runner crashed', () => {
  const crash = { lines: lines(0, half), end: { exitCode: 1 } };

  test('a run stopped after a crash does not restart its runner', async () => {
    const scripted = new ScriptedRun('crashed-1', [crash]);
    await waitUntil(async () => (await stateOf(scripted)).finishedAt !== undefined);
    const end = await startFollowing(opened.store, scripted, { stopSignal: AbortSignal.abort() }).end;
    expect(end).toMatchObject({ exitCode: 1, steps: [{ instance: 'a', state: 'canceled' }] });
    expect(end.fault).toBeUndefined();
    expect(scripted.starts).toBe(1);
  });

  test('a run stopped after a counted restart does not restart its runner', async () => {
    const scripted = new ScriptedRun('counted-1', [crash, { lines: lines(60, half) }]);
    const following = startFollowing(opened.store, scripted, {
      logs: {
        ...opened.store.logs,
        async insert(chunk) {
          const inserted = await opened.store.logs.insert(chunk);
          if (chunk.position.restarts === 1 && !chunk.position.stopping) following.stop();
          return inserted;
        },
      },
    });
    const end = await following.end;
    expect(end).toMatchObject({ exitCode: 1, restarts: 1, steps: [{ instance: 'a', state: 'canceled' }] });
    expect(end.fault).toBeUndefined();
    expect(scripted.starts).toBe(1);
  });

  test('a run stopped during a restart waits for the restart and stops the runner then', async () => {
    const scripted = new ScriptedRun('restarting-1', [crash, { lines: lines(60, half) }]);
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const following = startFollowing(opened.store, scripted, {
      runtime: {
        ...scripted.runtime,
        async restart(...request) {
          order.push('restart begins');
          await gate.promise;
          await scripted.runtime.restart?.(...request);
          order.push('restart ends');
        },
        async stop(...request) {
          order.push('stop');
          await scripted.runtime.stop(...request);
        },
      },
    });
    await waitUntil(() => order.length === 1);
    following.stop();
    await waitUntil(async () => (await positionOf(opened.store, scripted))?.stopping === true);
    gate.resolve();
    const end = await following.end;
    expect(order).toEqual(['restart begins', 'restart ends', 'stop']);
    expect(end).toMatchObject({ exitCode: 143, restarts: 1 });
    expect(end.fault).toBeUndefined();
    expect((await stateOf(scripted)).running).toBe(false);
  });

  test.each([143, 0])(
    'a stopped runner that exits with %i is not restarted by a later follower without a stop',
    async (code) => {
      const scripted = new ScriptedRun(`later-${code}`, [{ lines: lines(0, half) }]);
      scripted.stopCode = code;
      const reason = new Error('killed');
      const first = startFollowing(opened.store, scripted, {
        runtime: {
          ...scripted.runtime,
          async stop(...request) {
            await scripted.runtime.stop(...request);
            throw reason;
          },
        },
      });
      await stepRuns(first);
      first.stop();
      await first.end.catch(() => undefined);
      const end = await startFollowing(opened.store, scripted).end;
      expect(end).toMatchObject({ exitCode: code, restarts: 0, steps: [{ instance: 'a', state: 'canceled' }] });
      expect(end.fault).toBeUndefined();
      expect(scripted.starts).toBe(1);
    },
  );
});

async function stateOf({ runtime, run }: ScriptedRun) {
  for await (const state of runtime.watch(run, new AbortController().signal)) return state;
  throw new Error('no runner');
}
