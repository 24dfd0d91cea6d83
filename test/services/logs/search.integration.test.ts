import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogChunk } from '../../../src/model/log.ts';
import type { LogStore } from '../../../src/model/ports/logs.ts';
import type { StepProgress } from '../../../src/model/step.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import { chunksOfSearch, type TextSearch } from '../../../src/services/logs/search.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';
import { append, at, linesFrom, readAll, runnerStream, textsOf } from '../../support/services/logs/streams.ts';

const { store, close } = await openStore();
const { logs } = store;
afterAll(close);

const steps: StepProgress[] = [
  { instance: 'one', state: 'success' },
  { instance: 'two', state: 'running' },
];
const search = (text: string, more: Partial<TextSearch> = {}) => ({ search: { text, ...more } });

describe('a search', () => {
  test('finds the lines that have the text as it is, whatever it would mean as a pattern', async () => {
    const taskId = 'plain';
    const texts = ['a.c [x]*', 'abc', 'A.C [X]*', 'ends with a.c', 'x a.c x'];
    await append(logs, runnerStream(taskId), linesFrom(0, texts));
    const found = async (text: string, more?: Partial<TextSearch>) =>
      textsOf((await readAll(logs, { taskId, filter: search(text, more), limit: 2 })).items);
    expect(await found('a.c')).toEqual(['a.c [x]*', 'ends with a.c', 'x a.c x']);
    expect(await found('[x]*')).toEqual(['a.c [x]*']);
    expect(await found('[x]*', { ignoreCase: true })).toEqual(['a.c [x]*', 'A.C [X]*']);
    expect(await found('nowhere')).toEqual([]);
  });

  test('keeps to the step, the source, the pod and the attempt, and leaves gaps and markers out', async () => {
    const taskId = 'filtered';
    await append(logs, runnerStream(taskId, { pod: 'test-runner-ab' }), [
      ...linesFrom(0, ['hit in one'], { step: 'one', progress: { steps } }),
      { at: at(1), text: 'hit of a marker', kind: 'mark' },
      ...linesFrom(2, ['hit in two', 'miss'], { step: 'two', progress: { steps } }),
    ]);
    await append(logs, runnerStream(taskId, { attempt: 2 }), linesFrom(5, ['hit of attempt 2']));
    await append(
      logs,
      runnerStream(taskId, { source: 'greeter-0', pod: 'greeter-ab-0' }),
      linesFrom(3, ['hit of greeter']),
    );
    const [{ id } = { id: '' }] = await logs.streams(taskId);
    await logs.insert({
      _id: `${id}/9`,
      stream: id,
      n: 9,
      firstSeq: 9,
      lines: [],
      position: { maxAt: at(9), restarts: 0 },
    });
    const found = async (filter: object) =>
      textsOf((await readAll(logs, { taskId, filter: { ...search('hit'), ...filter }, limit: 10 })).items);
    expect(await found({})).toEqual(['hit in one', 'hit in two', 'hit of greeter', 'hit of attempt 2']);
    expect(await found({ step: 'two' })).toEqual(['hit in two']);
    expect(await found({ source: 'greeter-0' })).toEqual(['hit of greeter']);
    expect(await found({ pod: 'greeter-ab-0' })).toEqual(['hit of greeter']);
    expect(await found({ pod: 'test-runner-ab' })).toEqual(['hit in one', 'hit in two']);
    expect(await found({ attempt: 2 })).toEqual(['hit of attempt 2']);
  });

  test('goes on from its cursor with what was printed meanwhile', async () => {
    const taskId = 'meanwhile';
    const stream = runnerStream(taskId);
    await append(logs, stream, linesFrom(0, ['hit 1', 'miss']));
    const first = await readLogs(logs, { taskId, filter: search('hit'), limit: 10 });
    expect([textsOf(first.items), first.ended]).toEqual([['hit 1'], true]);
    await append(logs, stream, linesFrom(5, ['miss again', 'hit 2']));
    const second = await readLogs(logs, { taskId, filter: search('hit'), after: first.nextCursor, limit: 10 });
    expect(textsOf(second.items)).toEqual(['hit 2']);
  });
});

describe('a search in 100,000 lines', () => {
  const taskId = 'long';
  const count = 100_000;
  const padding = 'x'.repeat(150);
  beforeAll(async () => {
    for (const source of ['runner', 'greeter-0']) {
      const texts = Array.from({ length: count / 2 }, (_, n) => `${source} ${n} ${padding}`);
      await append(logs, runnerStream(taskId, { source }), linesFrom(0, texts));
    }
  });

  /** The store, which says how many of the chunks that it gave out are still held, at most. */
  function watched(): { logs: LogStore; read: number; mostHeld(): number } {
    v8.setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const given: WeakRef<LogChunk>[] = [];
    let [most, reads] = [0, 0];
    return {
      get read() {
        return given.length;
      },
      mostHeld: () => most,
      logs: {
        ...logs,
        async read(...range) {
          const chunks = await logs.read(...range);
          given.push(...chunks.map((chunk) => new WeakRef(chunk)));
          reads += 1;
          if (reads % 20 > 0) return chunks;
          // A turn of the loop lets go of what this turn has looked at.
          await new Promise((resolve) => setImmediate(resolve));
          collect();
          most = Math.max(most, given.filter((one) => one.deref()).length);
          return chunks;
        },
      },
    };
  }

  test('finds the few that have the text, and holds a few chunks at a time', async () => {
    const store = watched();
    const wanted = [`runner 7 `, `greeter-0 49999 `, `runner 25000 `];
    const all: string[] = [];
    for (const text of wanted) {
      const { items } = await readAll(store.logs, { taskId, filter: search(text), limit: 100 });
      all.push(...textsOf(items));
    }
    expect(all).toEqual(wanted.map((text) => `${text}${padding}`));
    expect(store.read).toBeGreaterThan(900);
    expect(store.mostHeld()).toBeLessThan(20);
  });

  test('looks through so many chunks a page, and no more: the cursor goes on', async () => {
    const store = watched();
    const first = await readLogs(store.logs, { taskId, filter: search('nowhere'), limit: 10 });
    expect([first.items, first.ended]).toEqual([[], false]);
    expect(store.read).toBeLessThan(chunksOfSearch + 20);
    const { items } = await readAll(store.logs, {
      taskId,
      filter: search('nowhere'),
      after: first.nextCursor,
      limit: 10,
    });
    expect(items).toEqual([]);
  });

  test('gives lines that are everywhere page by page, each once and in order', async () => {
    const filter = { source: 'runner', ...search('RUNNER 1', { ignoreCase: true }) };
    const { items } = await readAll(logs, { taskId, filter, limit: 1000 });
    const expected = Array.from({ length: count / 2 }, (_, n) => n).filter((n) => String(n).startsWith('1'));
    expect(textsOf(items).map((text) => Number(text.split(' ')[1]))).toEqual(expected);
  });
});
