import { afterAll, describe, expect, test } from '@jest/globals';
import type { LogStore } from '../../../src/model/ports/logs.ts';
import { emptyStreamHead, readStreamHead } from '../../../src/services/logs/stream-head.ts';
import { LogWriter, StreamConflictError } from '../../../src/services/logs/writer.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';
import { at, chunksOf, textsOf } from '../../support/services/logs/streams.ts';

const { store, close } = await openStore();
const { logs } = store;
afterAll(close);

/** Adds `count` lines of one chunk each. */
function addChunks(writer: LogWriter, count: number): void {
  for (let n = 0; n < count; n += 1) writer.add({ at: at(n), kind: 'out', text: `${n} ${'x'.repeat(70_000)}` });
}

describe('two writers of one stream', () => {
  test('the later of two writers of one stream fails and writes nothing', async () => {
    const winner = new LogWriter(logs, 'two', emptyStreamHead);
    const loser = new LogWriter(logs, 'two', emptyStreamHead);
    winner.add({ at: at(0), kind: 'out', text: 'from the winner' });
    await winner.close();
    addChunks(loser, 3);
    await expect(loser.close()).rejects.toBeInstanceOf(StreamConflictError);
    expect(loser.failed.aborted).toBe(true);
    await expect(loser.ready()).rejects.toBeInstanceOf(StreamConflictError);
    expect((await chunksOf(logs, 'two')).flatMap(({ lines }) => textsOf(lines))).toEqual(['from the winner']);
  });

  test('two writers that resume from the store write each line once and in order', async () => {
    const texts = Array.from({ length: 60 }, (_, n) => `line ${n}`);
    let lost = 0;
    const writeAll = async (): Promise<void> => {
      for (;;) {
        const tip = await readStreamHead(logs, 'race');
        if (tip.seq > texts.length) return;
        const writer = new LogWriter(logs, 'race', tip);
        // A chunk of three lines at a time, so that both writers work at the same time.
        for (const [n, text] of texts.slice(tip.seq - 1, tip.seq + 2).entries()) {
          writer.add({ at: at(n), kind: 'out', text });
        }
        await writer.close().catch((error: unknown) => {
          if (!(error instanceof StreamConflictError)) throw error;
          lost += 1;
        });
      }
    };
    await Promise.all([writeAll(), writeAll(), writeAll()]);
    expect(lost).toBeGreaterThan(0);
    expect((await chunksOf(logs, 'race')).flatMap(({ lines }) => textsOf(lines))).toEqual(texts);
  });
});

describe('a store that fails', () => {
  const failure = new Error('the disk is full');
  /** Returns a store that fails from its n-th chunk on. */
  const failing = (n: number): LogStore => ({
    ...logs,
    insert: async (chunk) => {
      if (chunk.n >= n) throw failure;
      return logs.insert(chunk);
    },
  });

  test('a failing store makes ready and close throw, and earlier chunks stay without a hole', async () => {
    const writer = new LogWriter(failing(2), 'failing', emptyStreamHead);
    addChunks(writer, 4);
    await expect(writer.close()).rejects.toBe(failure);
    await expect(writer.ready()).rejects.toBe(failure);
    expect(writer.failed.reason).toBe(failure);
    expect((await chunksOf(logs, 'failing')).map(({ n }) => n)).toEqual([0, 1]);
  });

  test('a store that fails once leaves no hole, as later lines are not written', async () => {
    let failed = false;
    const once: LogStore = {
      ...logs,
      insert: async (chunk) => {
        if (failed) return logs.insert(chunk);
        failed = true;
        throw failure;
      },
    };
    const writer = new LogWriter(once, 'once', emptyStreamHead);
    addChunks(writer, 3);
    await expect(writer.close()).rejects.toBe(failure);
    expect(await logs.read('once', 1, 5)).toEqual([]);
  });

  test('a store that fails while chunks are pending does not block the reader', async () => {
    const writer = new LogWriter(failing(0), 'waiting', emptyStreamHead);
    addChunks(writer, 12);
    await expect(writer.ready()).rejects.toBe(failure);
    await expect(writer.close()).rejects.toBe(failure);
  });
});

test('a slow store makes the reader wait until few chunks are pending', async () => {
  const releases: (() => void)[] = [];
  const slow: LogStore = {
    ...logs,
    insert: async (chunk) => {
      await new Promise<void>((resolve) => releases.push(resolve));
      return logs.insert(chunk);
    },
  };
  const begun = async (count: number): Promise<void> => {
    while (releases.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  const writer = new LogWriter(slow, 'slow', emptyStreamHead);
  addChunks(writer, 7);
  let isReady = false;
  const ready = writer.ready().then(() => {
    isReady = true;
  });
  for (let n = 1; n <= 3; n += 1) {
    await begun(n);
    expect(isReady).toBe(false);
    releases[n - 1]?.();
  }
  await ready;
  for (let n = 4; n <= 7; n += 1) {
    await begun(n);
    releases[n - 1]?.();
  }
  await writer.close();
  expect(await chunksOf(logs, 'slow')).toHaveLength(7);
});
