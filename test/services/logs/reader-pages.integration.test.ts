import { afterAll, describe, expect, test } from '@jest/globals';
import { readLogs } from '../../../src/services/logs/read.ts';
import { emptyStreamHead } from '../../../src/services/logs/stream-head.ts';
import { LogWriter } from '../../../src/services/logs/writer.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';
import { append, at, linesFrom, readAll, runnerStream, textsOf } from '../../support/services/logs/streams.ts';

const { store, close } = await openStore();
const { logs } = store;
afterAll(close);

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}`);

describe('pages of a log', () => {
  test.each([1, 2, 3, 7, 24, 25, 26])(
    'pages of %i lines have each line once and in order, across chunks and markers',
    async (limit) => {
      const taskId = `pages-${limit}`;
      for (let n = 0; n < 5; n += 1) {
        const lines = linesFrom(n * 10, numbered(n * 5 + 1, n * 5 + 5));
        await append(logs, runnerStream(taskId), [
          ...lines.slice(0, 2),
          { at: at(n * 10 + 2), text: '', kind: 'mark' },
          ...lines.slice(2),
        ]);
      }
      const sizes: number[] = [];
      const texts: string[] = [];
      const seqs: unknown[] = [];
      for (let after: string | undefined; ; ) {
        const page = await readLogs(logs, { taskId, after, limit });
        sizes.push(page.items.length);
        texts.push(...textsOf(page.items));
        seqs.push(...page.items.map((item) => 'seq' in item && item.seq));
        after = page.nextCursor;
        if (page.ended) break;
      }
      expect(texts).toEqual(numbered(1, 25));
      expect(seqs).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
      expect(sizes.slice(0, -1).every((size) => size === limit)).toBe(true);
    },
  );

  test('pages continue at the same cursor when lines arrive after the end was read', async () => {
    const taskId = 'grows';
    let after = (await readLogs(logs, { taskId, limit: 10 })).nextCursor;
    for (let n = 1; n <= 4; n += 1) {
      await append(logs, runnerStream(taskId), linesFrom(n * 10, numbered(n, n)));
      const page = await readLogs(logs, { taskId, after, limit: 10 });
      expect([textsOf(page.items), page.ended]).toEqual([numbered(n, n), true]);
      after = page.nextCursor;
      expect((await readLogs(logs, { taskId, after, limit: 10 })).items).toEqual([]);
    }
  });

  test('pages have fewer lines than requested when the lines are huge', async () => {
    const taskId = 'huge';
    await append(
      logs,
      runnerStream(taskId),
      linesFrom(
        0,
        ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => text.repeat(1_000_000)),
      ),
    );
    const first = await readLogs(logs, { taskId, limit: 1000 });
    expect([first.items.length, first.ended]).toEqual([4, false]);
    const second = await readLogs(logs, { taskId, after: first.nextCursor, limit: 1000 });
    expect(textsOf(second.items).map((text) => text[0])).toEqual(['e', 'f']);
  });

  test('pages show lost lines as a separate item at their place', async () => {
    const taskId = 'lost';
    const stream = runnerStream(taskId);
    await logs.open(stream);
    const writer = new LogWriter(logs, stream.id, emptyStreamHead);
    writer.add({ at: at(0), kind: 'err', text: 'before' });
    writer.addGap({ from: at(0), to: at(50) });
    writer.add({ at: at(50), kind: 'out', text: 'after' });
    await writer.close();
    const { items } = await readAll(logs, { taskId, limit: 1 });
    const origin = { source: 'runner', attempt: 1 };
    expect(items).toEqual([
      { ...origin, seq: 1, at: at(0), stream: 'err', text: 'before' },
      { ...origin, at: at(0), gap: { from: at(0), to: at(50) } },
      { ...origin, seq: 2, at: at(50), stream: 'out', text: 'after' },
    ]);
  });
});

describe('several streams of a task', () => {
  test('several streams are merged by time across pages', async () => {
    const taskId = 'merged';
    const greeter = runnerStream(taskId, { source: 'greeter-0' });
    await append(logs, runnerStream(taskId), linesFrom(0, ['0', '1', '2']));
    await append(logs, runnerStream(taskId), linesFrom(20, ['20', '21']));
    await append(logs, greeter, linesFrom(2, ['2 too', '3', '4']));
    await append(logs, greeter, [{ at: '2026-11-23T12:00:00.0205Z', text: '20.5' }]);
    for (const limit of [1, 2, 5, 100]) {
      const { items } = await readAll(logs, { taskId, limit });
      expect(textsOf(items)).toEqual(['0', '1', '2', '2 too', '3', '4', '20', '20.5', '21']);
    }
  });

  test('several streams keep their own order, also if timestamps go back', async () => {
    const taskId = 'back';
    await append(logs, runnerStream(taskId), [...linesFrom(50, ['a', 'b']), ...linesFrom(10, ['c', 'd'])]);
    await append(logs, runnerStream(taskId, { source: 'x' }), linesFrom(30, ['x']));
    expect(textsOf((await readAll(logs, { taskId, limit: 2 })).items)).toEqual(['x', 'a', 'b', 'c', 'd']);
  });

  test('a line that is stored late appears late', async () => {
    const taskId = 'late';
    const greeter = runnerStream(taskId, { source: 'greeter-0' });
    await append(logs, runnerStream(taskId), linesFrom(10, ['ten', 'eleven']));
    const { after } = await readAll(logs, { taskId, limit: 10 });
    await append(logs, greeter, linesFrom(5, ['five']));
    await append(logs, runnerStream(taskId), linesFrom(12, ['twelve']));
    const next = await readAll(logs, { taskId, after, limit: 10 });
    expect(textsOf(next.items)).toEqual(['five', 'twelve']);
    expect((await readAll(logs, { taskId, after: next.after, limit: 10 })).items).toEqual([]);
    expect(textsOf((await readAll(logs, { taskId, limit: 10 })).items)).toEqual(['five', 'ten', 'eleven', 'twelve']);
  });
});
