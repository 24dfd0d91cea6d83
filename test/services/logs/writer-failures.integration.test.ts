import { afterAll, describe, expect, test } from '@jest/globals';
import type { LogStore } from '../../../src/model/ports/logs.ts';
import { emptyTip, readTip } from '../../../src/services/logs/tip.ts';
import { LogWriter, PositionMoved } from '../../../src/services/logs/writer.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';
import { at, chunksOf, textsOf } from '../../support/services/logs/streams.ts';

const { store, close } = await openStore();
const { logs } = store;
afterAll(close);

/** Adds `count` lines that make a chunk each. */
function addChunks(writer: LogWriter, count: number): void {
  for (let n = 0; n < count; n += 1) writer.add({ at: at(n), kind: 'out', text: `${n} ${'x'.repeat(70_000)}` });
}

describe('two writers of one stream', () => {
  test('the one that is late notices, and adds nothing to what the other one wrote', async () => {
    const winner = new LogWriter(logs, 'two', emptyTip);
    const loser = new LogWriter(logs, 'two', emptyTip);
    winner.add({ at: at(0), kind: 'out', text: 'from the winner' });
    await winner.close();
    addChunks(loser, 3);
    await expect(loser.close()).rejects.toBeInstanceOf(PositionMoved);
    expect(loser.failed.aborted).toBe(true);
    await expect(loser.ready()).rejects.toBeInstanceOf(PositionMoved);
    expect((await chunksOf(logs, 'two')).flatMap(({ lines }) => textsOf(lines))).toEqual(['from the winner']);
  });

  test('that go on where the store ends write each line once and in order, however they meet', async () => {
    const texts = Array.from({ length: 60 }, (_, n) => `line ${n}`);
    let lost = 0;
    const writeAll = async (): Promise<void> => {
      for (;;) {
        const tip = await readTip(logs, 'race');
        if (tip.seq > texts.length) return;
        const writer = new LogWriter(logs, 'race', tip);
        // A chunk of three lines at a time, so that both are at work together.
        for (const [n, text] of texts.slice(tip.seq - 1, tip.seq + 2).entries()) {
          writer.add({ at: at(n), kind: 'out', text });
        }
        await writer.close().catch((error: unknown) => {
          if (!(error instanceof PositionMoved)) throw error;
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
  /** Fails from its n-th chunk on. */
  const failing = (n: number): LogStore => ({
    ...logs,
    insert: async (chunk) => {
      if (chunk.n >= n) throw failure;
      return logs.insert(chunk);
    },
  });

  test('is told to who adds lines and to who closes; what came before stays, and no hole is made', async () => {
    const writer = new LogWriter(failing(2), 'failing', emptyTip);
    addChunks(writer, 4);
    await expect(writer.close()).rejects.toBe(failure);
    await expect(writer.ready()).rejects.toBe(failure);
    expect(writer.failed.reason).toBe(failure);
    expect((await chunksOf(logs, 'failing')).map(({ n }) => n)).toEqual([0, 1]);
  });

  test('once only leaves no hole either: what was read after it is not written', async () => {
    let failed = false;
    const once: LogStore = {
      ...logs,
      insert: async (chunk) => {
        if (failed) return logs.insert(chunk);
        failed = true;
        throw failure;
      },
    };
    const writer = new LogWriter(once, 'once', emptyTip);
    addChunks(writer, 3);
    await expect(writer.close()).rejects.toBe(failure);
    expect(await logs.read('once', 1, 5)).toEqual([]);
  });

  test('while much waits to be written does not leave the reader waiting forever', async () => {
    const writer = new LogWriter(failing(0), 'waiting', emptyTip);
    addChunks(writer, 12);
    await expect(writer.ready()).rejects.toBe(failure);
    await expect(writer.close()).rejects.toBe(failure);
  });
});

test('a store that is behind makes the reader wait until few chunks are left', async () => {
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
  const writer = new LogWriter(slow, 'slow', emptyTip);
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
