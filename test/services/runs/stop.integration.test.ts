import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import {
  type Following,
  positionOf,
  script,
  startFollowing,
  textsOf,
  until,
} from '../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const half = [marker('runner.start'), 'hello', marker('step.start', { instance: 'a' }), 'half of a'];
const stopNote = '[the run is being stopped, so the runner is told to end]';
const stepRuns = (following: Following) => until(() => following.progress.at(-1)?.[0]?.state === 'running');
/** All of a life's lines are in the engine's log. */
const printed = (scripted: ScriptedRun, count: number) =>
  until(async () => {
    const all: string[] = [];
    const state = { containerId: 'runner-container', streamId: 'x' };
    const signal = new AbortController().signal;
    for await (const batch of scripted.runtime.readLog(state, undefined, signal, { follow: false })) {
      all.push(...batch.map(({ text }) => text));
    }
    return all.length === count;
  });

describe('a run that is stopped', () => {
  test('in the middle of a step has its runner told to end; the step is canceled, and the log is complete', async () => {
    const scripted = new ScriptedRun('middle-1', [{ lines: lines(0, half) }]);
    const following = startFollowing(opened.store, scripted);
    await stepRuns(following);
    await printed(scripted, half.length);
    following.stop();
    const end = await following.end;
    expect(end).toMatchObject({ exitCode: 143, restarts: 0, steps: [{ instance: 'a', state: 'canceled' }] });
    expect(end).not.toHaveProperty('fault');
    expect(end).not.toHaveProperty('verdict');
    expect([scripted.stops, scripted.starts]).toEqual([1, 1]);
    const texts = await textsOf(opened.store, 'middle-1');
    expect(texts.filter((text) => text !== stopNote)).toEqual(['hello', 'half of a']);
    expect(texts).toContain(stopNote);
  });

  test('has what the runner prints while it ends in its log', async () => {
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

  test('after its verdict keeps the verdict', async () => {
    const scripted = new ScriptedRun('verdict-1', [{ lines: lines(0, script('a')) }]);
    const following = startFollowing(opened.store, scripted);
    await until(async () => (await positionOf(opened.store, scripted))?.verdict !== undefined);
    following.stop();
    const end = await following.end;
    expect(end).toMatchObject({ verdict: { state: 'success' }, steps: [{ instance: 'a', state: 'success' }] });
    expect(end).not.toHaveProperty('fault');
    expect(scripted.stops).toBe(1);
  });

  test('before it was followed at all ends in the same way', async () => {
    const scripted = new ScriptedRun('early-1', [{ lines: lines(0, half) }]);
    await printed(scripted, half.length);
    const end = await startFollowing(opened.store, scripted, { stopSignal: AbortSignal.abort() }).end;
    expect(end).toMatchObject({ exitCode: 143, restarts: 0 });
    expect(end).not.toHaveProperty('fault');
    const texts = await textsOf(opened.store, 'early-1');
    expect(texts.filter((text) => text !== stopNote)).toEqual(['hello', 'half of a']);
  });
});

describe('a run that is stopped when its runner has crashed', () => {
  const crash = { lines: lines(0, half), end: { exitCode: 1 } };

  test('does not start it again', async () => {
    const scripted = new ScriptedRun('crashed-1', [crash]);
    await until(async () => (await stateOf(scripted)).finishedAt !== undefined);
    const end = await startFollowing(opened.store, scripted, { stopSignal: AbortSignal.abort() }).end;
    expect(end).toMatchObject({ exitCode: 1, steps: [{ instance: 'a', state: 'canceled' }] });
    expect(end).not.toHaveProperty('fault');
    expect(scripted.starts).toBe(1);
  });

  test('does not start it again either when the restart was counted already', async () => {
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
    expect(end).not.toHaveProperty('fault');
    expect(scripted.starts).toBe(1);
  });

  test('and is just being started again waits for that, and ends it then', async () => {
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
    await until(() => order.length === 1);
    following.stop();
    await until(async () => (await positionOf(opened.store, scripted))?.stopping === true);
    gate.resolve();
    const end = await following.end;
    expect(order).toEqual(['restart begins', 'restart ends', 'stop']);
    expect(end).toMatchObject({ exitCode: 143, restarts: 1 });
    expect(end).not.toHaveProperty('fault');
    expect((await stateOf(scripted)).running).toBe(false);
  });

  test.each([143, 0])(
    'with %i is not started again by a follower that comes later and knows of no stop',
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
      expect(end).not.toHaveProperty('fault');
      expect(scripted.starts).toBe(1);
    },
  );
});

async function stateOf({ runtime, run }: ScriptedRun) {
  for await (const state of runtime.watch(run, new AbortController().signal)) return state;
  throw new Error('no runner');
}
