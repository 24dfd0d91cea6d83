import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogChunk } from '../../../src/model/log.ts';
import type { LogStore } from '../../../src/model/ports/logs.ts';
import type { StepProgress } from '../../../src/model/step.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import { maxSearchChunks, type TextSearch } from '../../../src/services/logs/search.ts';
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
  test('a search finds lines that contain the text literally, not as a pattern', async () => {
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

  test('a search applies the filters for step, source, pod and attempt and excludes gaps and markers', async () => {
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

  test('a search continues from its cursor with new lines', async () => {
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

  /** Returns the store with a count of the chunks that were read, and of the maximum that was in memory at once. */
  function watched(): { logs: LogStore; read: number; maxHeld(): number } {
    v8.setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const given: WeakRef<LogChunk>[] = [];
    let [maxHeld, reads] = [0, 0];
    return {
      get read() {
        return given.length;
      },
      maxHeld: () => maxHeld,
      logs: {
        ...logs,
        async read(...range) {
          const chunks = await logs.read(...range);
          given.push(...chunks.map((chunk) => new WeakRef(chunk)));
          reads += 1;
          if (reads % 20 > 0) return chunks;
          // Weak references are released only after this turn of the event loop.
          await new Promise((resolve) => setImmediate(resolve));
          collect();
          maxHeld = Math.max(maxHeld, given.filter((one) => one.deref()).length);
          return chunks;
        },
      },
    };
  }

  test('a search in 100,000 lines finds rare lines with few chunks in memory', async () => {
    const store = watched();
    const wanted = [`runner 7 `, `greeter-0 49999 `, `runner 25000 `];
    const all: string[] = [];
    for (const text of wanted) {
      const { items } = await readAll(store.logs, { taskId, filter: search(text), limit: 100 });
      all.push(...textsOf(items));
    }
    expect(all).toEqual(wanted.map((text) => `${text}${padding}`));
    expect(store.read).toBeGreaterThan(900);
    expect(store.maxHeld()).toBeLessThan(20);
  });

  test('a search in 100,000 lines reads a limited number of chunks per page and continues from the cursor', async () => {
    const store = watched();
    const first = await readLogs(store.logs, { taskId, filter: search('nowhere'), limit: 10 });
    expect([first.items, first.ended]).toEqual([[], false]);
    expect(store.read).toBeLessThan(maxSearchChunks + 20);
    const { items } = await readAll(store.logs, {
      taskId,
      filter: search('nowhere'),
      after: first.nextCursor,
      limit: 10,
    });
    expect(items).toEqual([]);
  });

  test('a search in 100,000 lines returns frequent lines page by page, each once and in order', async () => {
    const filter = { source: 'runner', ...search('RUNNER 1', { ignoreCase: true }) };
    const { items } = await readAll(logs, { taskId, filter, limit: 1000 });
    const expected = Array.from({ length: count / 2 }, (_, n) => n).filter((n) => String(n).startsWith('1'));
    expect(textsOf(items).map((text) => Number(text.split(' ')[1]))).toEqual(expected);
  });
});
