import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { readLogs } from '../../../src/services/logs/read.ts';
import { collectHeldLogs } from '../../../src/services/runs/collect-held-logs.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { startFollowing, textsOf, waitUntil } from '../../support/services/runs/following.ts';
import { lines, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const component = 'greeter-0';
const life = { lines: lines(0, ['hello']), end: { exitCode: 0 } };

function hold(scripted: ScriptedRun, attempt = 1) {
  const stop = new AbortController();
  const { store } = opened;
  const done = collectHeldLogs({
    ...{ runtime: scripted.runtime, logs: store.logs, outputs: store.outputs, artifacts: store.artifacts },
    ...{
      steps: store.steps,
      containers: store.containers,
      mask: (text: string) => text,
      log: pino({ level: 'silent' }),
    },
    run: { ...scripted.run, attempt },
    stopSignal: stop.signal,
    signal: new AbortController().signal,
  });
  return { done, stop: () => stop.abort() };
}

describe('a held environment', () => {
  test('a held environment has its component logs stored until its end', async () => {
    const scripted = new ScriptedRun('held-1', [life]);
    scripted.print(component, lines(0, ['listening']));
    await startFollowing(opened.store, scripted).end;
    const held = hold(scripted);
    scripted.print(component, lines(60, ['someone looks']));
    await waitUntil(async () => (await textsOf(opened.store, 'held-1', component)).length === 2);
    scripted.print(component, lines(70, ['goodbye']));
    held.stop();
    await held.done;
    expect(await textsOf(opened.store, 'held-1', component)).toEqual(['listening', 'someone looks', 'goodbye']);
    expect(await textsOf(opened.store, 'held-1')).toEqual(['hello']);
  });

  test('a held environment that is released at once has its last lines stored', async () => {
    const scripted = new ScriptedRun('held-2', [life]);
    scripted.print(component, lines(0, ['listening']));
    const held = hold(scripted);
    held.stop();
    await held.done;
    expect(await textsOf(opened.store, 'held-2', component)).toEqual(['listening']);
  });

  test('the removal of a held environment ends the collection', async () => {
    const scripted = new ScriptedRun('held-3', [life]);
    await startFollowing(opened.store, scripted).end;
    const held = hold(scripted);
    scripted.vanish();
    await expect(held.done).resolves.toBeUndefined();
  });

  test('a held environment stores each line under the attempt in which it was printed', async () => {
    const scripted = new ScriptedRun('held-4', [life]);
    scripted.print(component, lines(0, ['of the first']));
    await startFollowing(opened.store, scripted).end;
    scripted.print(component, lines(60, ['of the second']));
    const held = hold(scripted, 2);
    held.stop();
    await held.done;
    const of = async (attempt?: number) => {
      const filter = { source: component, ...(attempt !== undefined && { attempt }) };
      const { items } = await readLogs(opened.store.logs, { taskId: 'held-4', filter, limit: 100 });
      return items.map((item) => [item.attempt, 'text' in item ? item.text : '(gap)']);
    };
    expect(await of(1)).toEqual([[1, 'of the first']]);
    expect(await of(2)).toEqual([[2, 'of the second']]);
    expect(await of()).toEqual([
      [1, 'of the first'],
      [2, 'of the second'],
    ]);
  });
});
