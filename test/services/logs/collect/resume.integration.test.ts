import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RawLine } from '../../../../src/model/engine/runtime.ts';
import type { LogStore } from '../../../../src/model/ports/logs.ts';
import { openStore, type TestStore } from '../../../support/adapters/mongodb/open-store.ts';
import { lineByLine, script, startFollowing, textsOf } from '../../../support/services/runs/following.ts';
import { lines, ScriptedRun, timestampAt } from '../../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const printed = script('a', 'b', 'c');
const shown = printed.filter((text) => !text.startsWith('{'));
const same = (count: number, at: (n: number) => string): RawLine[] =>
  Array.from({ length: count }, (_, n) => ({ at: at(n), kind: n % 5 === 4 ? 'err' : 'out', text: `line ${n % 3}` }));

/** Follows with new followers, each of which is aborted after `size` lines. Returns the number of followers. */
async function followInPieces(scripted: ScriptedRun, size: number): Promise<number> {
  for (let followers = 1; ; followers += 1) {
    const release = new Error('let go');
    const following = startFollowing(opened.store, scripted, {
      runtime: lineByLine(scripted.runtime, (count) => {
        if (count >= size + followers) following.abort(release);
      }),
    });
    const outcome = await following.end.catch((error: unknown) => error);
    if (outcome !== release) {
      expect(outcome).not.toBeInstanceOf(Error);
      return followers;
    }
  }
}

describe('a new follower after an aborted one', () => {
  test.each([1, 2, 3, 5, 8])('new followers after every %i lines store each line once and in order', async (size) => {
    const scripted = new ScriptedRun(`pieces-${size}`, [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
    expect(await followInPieces(scripted, size)).toBeGreaterThan(2);
    expect(await textsOf(opened.store, `pieces-${size}`)).toEqual(shown);
    const again = await startFollowing(opened.store, scripted).end;
    expect(again).toMatchObject({ verdict: { state: 'success' }, restarts: 0 });
    expect(again.steps.map(({ instance, state }) => `${instance} ${state}`)).toEqual([
      'a success',
      'b success',
      'c success',
    ]);
  });

  test.each([
    ['all lines have one timestamp', () => timestampAt(7)],
    ['three lines have one timestamp', (n: number) => timestampAt(Math.floor(n / 3) * 1e8)],
    ['timestamps go back and forth', (n: number) => timestampAt(n * 3e8 + (n % 2 === 0 ? 9e8 : 0))],
    ['the clock was set forward in between', (n: number) => timestampAt(n < 20 ? n * 2e8 : 70e9 + n * 2e8)],
    ['timestamps have whole seconds', (n: number) => timestampAt(Math.floor(n / 4) * 1e9)],
  ] as const)('new followers store repeated lines once when %s', async (name, at) => {
    const all = same(40, at);
    for (const size of [1, 4, 9]) {
      const taskId = `${name.replaceAll(' ', '-')}-${size}`;
      const scripted = new ScriptedRun(taskId, [{ lines: all, end: { exitCode: 0 } }]);
      await followInPieces(scripted, size);
      expect(await textsOf(opened.store, taskId)).toEqual(all.map(({ text }) => text));
    }
  });

  test.each([21, 22, 25, 30])(
    'a new follower after %i lines resumes although the clock was set back by a minute',
    async (count) => {
      const taskId = `back-${count}`;
      const all = same(40, (n) => timestampAt(n < 20 ? 70e9 + n * 2e8 : 10e9 + n * 2e8));
      const scripted = new ScriptedRun(taskId, [{ lines: all, end: { exitCode: 0 } }]);
      const first = startFollowing(opened.store, scripted, {
        runtime: lineByLine(scripted.runtime, (given) => given === count && first.abort(new Error('let go'))),
      });
      await expect(first.end).rejects.toThrow('let go');
      await startFollowing(opened.store, scripted).end;
      expect(await textsOf(opened.store, taskId)).toEqual(all.map(({ text }) => text));
    },
  );

  test('an aborted follower stores the lines read and throws the reason', async () => {
    const scripted = new ScriptedRun('reason-1', [{ lines: lines(0, ['one', 'two', 'three']) }]);
    const reason = new Error('the worker shuts down');
    const following = startFollowing(opened.store, scripted, {
      runtime: lineByLine(scripted.runtime, (count) => count === 3 && following.abort(reason)),
    });
    await expect(following.end).rejects.toBe(reason);
    expect(await textsOf(opened.store, 'reason-1')).toEqual(['one', 'two', 'three']);
    expect(scripted.stops).toBe(0);
  });
});

describe('a follower that fails', () => {
  /** Returns a store whose n-th insert fails, before or after the write. */
  const breaking = (logs: LogStore, n: number, done: boolean): LogStore => {
    let count = 0;
    return {
      ...logs,
      async insert(chunk) {
        count += 1;
        if (count !== n) return logs.insert(chunk);
        if (done) await logs.insert(chunk);
        throw new Error('the connection broke');
      },
    };
  };

  test('a failed write is thrown by the follower, and the next follower stores each line once', async () => {
    let broken = 0;
    for (let n = 1; n <= 6; n += 1) {
      for (const done of [false, true]) {
        const taskId = `broken-${n}-${done}`;
        const scripted = new ScriptedRun(taskId, [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
        const logs = breaking(opened.store.logs, n, done);
        const first = await startFollowing(opened.store, scripted, { logs }).end.catch((error: Error) => error.message);
        if (first === 'the connection broke') broken += 1;
        const end = await startFollowing(opened.store, scripted).end;
        expect(end).toMatchObject({ verdict: { state: 'success' }, exitCode: 0 });
        expect(await textsOf(opened.store, taskId)).toEqual(shown);
      }
    }
    expect(broken).toBeGreaterThanOrEqual(10);
  });
});
