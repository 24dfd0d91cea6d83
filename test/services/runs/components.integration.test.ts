import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { logOf, script, startFollowing, textsOf, waitUntil } from '../../support/services/runs/following.ts';
import { lines, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const life = { lines: lines(0, script('a')), end: { exitCode: 0 } };

describe('the components of a run', () => {
  test('logs of components are stored as separate sources without steps', async () => {
    const scripted = new ScriptedRun('sources-1', [life]);
    scripted.print('greeter-0', lines(0, ['listening', ['err', 'a warning']]));
    scripted.print('greeter-1', lines(1, ['listening too']));
    scripted.endComponent('greeter-1');
    await startFollowing(opened.store, scripted).end;
    const items = await logOf(opened.store, 'sources-1', 'greeter-0');
    expect(items).toMatchObject([
      { source: 'greeter-0', stream: 'out', text: 'listening' },
      { source: 'greeter-0', stream: 'err', text: 'a warning' },
    ]);
    for (const item of items) expect(item).not.toHaveProperty('step');
    expect(await textsOf(opened.store, 'sources-1', 'greeter-1')).toEqual([
      'listening too',
      '[greeter-1 ended with exit code 0 while the test ran]',
    ]);
  });

  test('containers are recorded with their ends, and as running if they outlive the run', async () => {
    const scripted = new ScriptedRun('recorded-1', [{ lines: lines(0, []), end: { exitCode: 1 } }, life]);
    scripted.print('greeter-0', lines(0, ['listening']));
    scripted.print('greeter-1', lines(0, ['listening']));
    scripted.endComponent('greeter-1');
    await startFollowing(opened.store, scripted).end;
    const found = (await opened.store.containers.list('recorded-1')).sort((a, b) => a.source.localeCompare(b.source));
    expect(found).toMatchObject([
      { source: 'greeter-0', role: 'component', pod: 'greeter-0', attempt: 1, running: true },
      { source: 'greeter-1', role: 'component', running: false, exitCode: 0 },
      { source: 'runner', role: 'runner', running: false, exitCode: 0, streamId: 'recorded-1/runner-container' },
    ]);
  });

  test('lines of components are stored before the run ends', async () => {
    const scripted = new ScriptedRun('live-1', [{ lines: lines(0, ['hello']) }]);
    const following = startFollowing(opened.store, scripted);
    scripted.print('greeter-0', lines(0, ['one']));
    await waitUntil(async () => (await textsOf(opened.store, 'live-1', 'greeter-0')).length === 1);
    scripted.print('greeter-0', lines(1, ['two']));
    await waitUntil(async () => (await textsOf(opened.store, 'live-1', 'greeter-0')).length === 2);
    following.stop();
    await following.end;
    expect(await textsOf(opened.store, 'live-1', 'greeter-0')).toEqual(['one', 'two']);
  });

  test('lines of components are stored up to the end of the runner, which they do not delay', async () => {
    const scripted = new ScriptedRun('drained-1', [life]);
    scripted.print('greeter-0', lines(0, ['listening']));
    const { watch, readLog } = scripted.runtime;
    const listening = Promise.withResolvers<void>();
    const following = startFollowing(opened.store, scripted, {
      runtime: {
        ...scripted.runtime,
        async *watch(...request) {
          for await (const state of watch(...request)) {
            // The last moment for lines that belong to the run.
            if (state.role === 'runner' && !state.running) {
              await listening.promise;
              scripted.print('greeter-0', lines(5, ['last words']));
            }
            yield state;
          }
        },
        // An engine that is slow to pass new lines to a follower, but returns all of them without following.
        async *readLog(container, since, signal, options) {
          const lags = container.containerId.startsWith('greeter') && options?.follow !== false;
          for await (const batch of readLog(container, since, signal, options)) {
            yield batch;
            if (lags) listening.resolve();
            if (lags && !signal.aborted) await once(signal, 'abort');
          }
        },
      },
    });
    expect(await following.end).toMatchObject({ verdict: { state: 'success' } });
    expect(await textsOf(opened.store, 'drained-1', 'greeter-0')).toEqual(['listening', 'last words']);
  });

  test('lines of components are stored once with two followers and a later one', async () => {
    const texts = Array.from({ length: 200 }, (_, n) => `line ${n}`);
    const scripted = new ScriptedRun('twice-1', [life]);
    scripted.print('greeter-0', lines(0, texts));
    await Promise.all([1, 2].map(() => startFollowing(opened.store, scripted).end));
    await startFollowing(opened.store, scripted).end;
    expect(await textsOf(opened.store, 'twice-1', 'greeter-0')).toEqual(texts);
  });

  test('markers printed by components are ordinary lines', async () => {
    const scripted = new ScriptedRun('fake-1', [life]);
    scripted.print('greeter-0', lines(0, script('fake')));
    const end = await startFollowing(opened.store, scripted).end;
    expect(end.steps.map(({ instance }) => instance)).toEqual(['a']);
    expect(await textsOf(opened.store, 'fake-1', 'greeter-0')).toEqual(script('fake'));
  });

  test('a component log that cannot be stored ends the supervision with the error', async () => {
    const scripted = new ScriptedRun('failing-1', [{ lines: lines(0, ['hello']) }]);
    scripted.print('greeter-0', lines(0, ['listening']));
    const failure = new Error('the disk is full');
    const following = startFollowing(opened.store, scripted, {
      logs: {
        ...opened.store.logs,
        async insert(chunk) {
          if (chunk.stream.includes('greeter')) throw failure;
          return opened.store.logs.insert(chunk);
        },
      },
    });
    await expect(following.end).rejects.toBe(failure);
  });
});
