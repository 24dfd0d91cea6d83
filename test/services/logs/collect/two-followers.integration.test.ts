import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../../support/adapters/mongodb/open-store.ts';
import { lineByLine, positionOf, script, startFollowing, textsOf } from '../../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun } from '../../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const crashed = [marker('runner.start'), 'first life', marker('step.start', { instance: 'a' }), 'half of a'];
const printed = script('a', 'b');
const shown = printed.filter((text) => !text.startsWith('{'));

/** Creates a run that crashes once in step a and then succeeds. */
const crashingRun = (taskId: string) =>
  new ScriptedRun(taskId, [
    { lines: lines(0, crashed), end: { exitCode: 139 } },
    { lines: lines(60, printed), end: { exitCode: 0 } },
  ]);
const note = '[runner exited with code 139; started again (1 of 5)]';

describe('two followers of one run at the same time', () => {
  test('two followers both report the end, and each line is stored once and in order', async () => {
    const texts = Array.from({ length: 500 }, (_, n) => `line ${n} ${'x'.repeat(2000)}`);
    const scripted = new ScriptedRun('both-1', [{ lines: lines(0, [...printed, ...texts]), end: { exitCode: 0 } }]);
    const ends = await Promise.all([1, 2, 3].map(() => startFollowing(opened.store, scripted).end));
    for (const end of ends) expect(end).toEqual(ends[0]);
    expect(ends[0]).toMatchObject({ verdict: { state: 'success' } });
    expect(await textsOf(opened.store, 'both-1')).toEqual([...shown, ...texts]);
  });

  test('two followers of which one is aborted do not lose or repeat a line', async () => {
    const scripted = new ScriptedRun('one-leaves-1', [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
    const leaving = startFollowing(opened.store, scripted, {
      runtime: lineByLine(scripted.runtime, (count) => count === 7 && leaving.abort(new Error('gone'))),
    });
    const staying = startFollowing(opened.store, scripted);
    await expect(leaving.end).rejects.toThrow('gone');
    expect(await staying.end).toMatchObject({ verdict: { state: 'success' } });
    expect(await textsOf(opened.store, 'one-leaves-1')).toEqual(shown);
  });

  test('two followers of the same crash count one restart and start the runner once', async () => {
    for (let n = 0; n < 5; n += 1) {
      const scripted = crashingRun(`crash-${n}`);
      const ends = await Promise.all([1, 2].map(() => startFollowing(opened.store, scripted).end));
      for (const end of ends) expect(end).toMatchObject({ restarts: 1, exitCode: 0, verdict: { state: 'success' } });
      expect(scripted.starts).toBe(2);
      expect(await textsOf(opened.store, `crash-${n}`)).toEqual(['first life', 'half of a', note, ...shown]);
    }
  });

  test('a follower that sees a crash after the end of the restarted runner reads the new log before it decides', async () => {
    const scripted = crashingRun('late-1');
    const read = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const late = startFollowing(opened.store, scripted, {
      runtime: {
        ...scripted.runtime,
        async *readLog(...request) {
          yield* scripted.runtime.readLog(...request);
          read.resolve();
        },
        async *watch(...request) {
          for await (const state of scripted.runtime.watch(...request)) {
            if (state.exitCode === 139) await over.promise;
            else yield state;
          }
        },
      },
    });
    await read.promise;
    const end = await startFollowing(opened.store, scripted).end;
    over.resolve();
    expect(await late.end).toEqual(end);
    expect(end).toMatchObject({ restarts: 1, verdict: { state: 'success' } });
    expect(await textsOf(opened.store, 'late-1')).toEqual(['first life', 'half of a', note, ...shown]);
  });

  test('two followers both end when one stops the run, and the runner is not restarted', async () => {
    const scripted = new ScriptedRun('stopped-1', [{ lines: lines(0, crashed) }]);
    const [stopping, other] = [startFollowing(opened.store, scripted), startFollowing(opened.store, scripted)];
    await Promise.all([stopping, other].map(({ progress }) => stepsRun(progress)));
    stopping.stop();
    for (const end of await Promise.all([stopping.end, other.end])) {
      expect(end).toMatchObject({ restarts: 0, steps: [{ instance: 'a', state: 'canceled' }] });
      expect(end.fault).toBeUndefined();
    }
    expect(scripted.starts).toBe(1);
    expect((await positionOf(opened.store, scripted))?.stopping).toBe(true);
  });
});

describe('a follower that is killed around a restart', () => {
  test('a follower killed between count and restart leaves the restart to the next one, which does not count it again', async () => {
    const scripted = crashingRun('uncounted-1');
    const restart = async (): Promise<void> => {
      throw new Error('killed');
    };
    const killed = startFollowing(opened.store, scripted, { runtime: { ...scripted.runtime, restart } });
    await expect(killed.end).rejects.toThrow('killed');
    expect([scripted.starts, (await positionOf(opened.store, scripted))?.restarts]).toEqual([1, 1]);
    expect(await startFollowing(opened.store, scripted).end).toMatchObject({ restarts: 1, exitCode: 0 });
    expect(scripted.starts).toBe(2);
    expect(await textsOf(opened.store, 'uncounted-1')).toEqual(['first life', 'half of a', note, ...shown]);
  });

  test('a follower killed after a restart leaves a run that the next one follows normally', async () => {
    const scripted = crashingRun('done-1');
    const restart = async (...request: Parameters<NonNullable<typeof scripted.runtime.restart>>): Promise<void> => {
      await scripted.runtime.restart?.(...request);
      throw new Error('killed');
    };
    const killed = startFollowing(opened.store, scripted, { runtime: { ...scripted.runtime, restart } });
    await expect(killed.end).rejects.toThrow('killed');
    expect(await startFollowing(opened.store, scripted).end).toMatchObject({ restarts: 1, exitCode: 0 });
    expect(scripted.starts).toBe(2);
    expect(await textsOf(opened.store, 'done-1')).toEqual(['first life', 'half of a', note, ...shown]);
  });
});

async function stepsRun(progress: readonly unknown[][]): Promise<void> {
  while ((progress.at(-1)?.length ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
