import { afterAll, describe, expect, test } from '@jest/globals';
import { emptyStreamHead, readStreamHead } from '../../../src/services/logs/stream-head.ts';
import { LogWriter } from '../../../src/services/logs/writer.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';
import { append, at, chunksOf, linesFrom, runnerStream, textsOf } from '../../support/services/logs/streams.ts';

const { store, close } = await openStore();
const { logs } = store;
afterAll(close);

describe('a chunk is written', () => {
  test('a chunk is written at about 64 KB', async () => {
    const texts = Array.from({ length: 300 }, (_, n) => `${n} ${'x'.repeat(1000)}`);
    await append(logs, runnerStream('size'), linesFrom(0, texts));
    const chunks = await chunksOf(logs, 'size/runner-1');
    expect(chunks.flatMap(({ lines }) => textsOf(lines))).toEqual(texts);
    for (const { lines } of chunks.slice(0, -1)) {
      const size = textsOf(lines).join('').length;
      expect(size).toBeGreaterThan(55_000);
      expect(size).toBeLessThan(66_000);
    }
  });

  test('a chunk is written early for many short lines, as each line has an overhead', async () => {
    const texts = Array.from({ length: 3000 }, () => '');
    await append(logs, runnerStream('short'), linesFrom(0, texts));
    expect((await chunksOf(logs, 'short/runner-1')).length).toBeGreaterThan(1);
  });

  test('a chunk has a line that is longer than the limit as a whole', async () => {
    const long = 'x'.repeat(1_000_000);
    await append(logs, runnerStream('long'), linesFrom(0, ['before', long, 'after']));
    const chunks = await chunksOf(logs, 'long/runner-1');
    expect(chunks.map(({ lines }) => textsOf(lines))).toEqual([['before', long], ['after']]);
  });

  test('a chunk is written after at most a second with all lines so far', async () => {
    const writer = new LogWriter(logs, 'time', emptyStreamHead);
    writer.add({ at: at(0), kind: 'out', text: 'one' });
    writer.add({ at: at(1), kind: 'out', text: 'two' });
    const started = performance.now();
    while (!(await logs.last('time'))) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(performance.now() - started).toBeGreaterThan(700);
    writer.add({ at: at(2), kind: 'out', text: 'three' });
    await writer.close();
    expect((await chunksOf(logs, 'time')).map(({ lines }) => textsOf(lines))).toEqual([['one', 'two'], ['three']]);
  });

  test('a chunk is written when another step begins, so that it belongs to at most one step', async () => {
    const one = { instance: 'one', state: 'running' as const };
    await append(logs, runnerStream('steps'), [
      ...linesFrom(0, ['hello']),
      ...linesFrom(1, ['a', 'b'], { step: 'one', progress: { steps: [one] } }),
      ...linesFrom(3, ['c'], { step: 'two', progress: { steps: [one], verdict: { state: 'success' } } }),
      ...linesFrom(4, ['bye']),
    ]);
    const chunks = await chunksOf(logs, 'steps/runner-1');
    expect(chunks.map(({ step, lines }) => [step, ...textsOf(lines)])).toEqual([
      [undefined, 'hello'],
      ['one', 'a', 'b'],
      ['two', 'c'],
      [undefined, 'bye'],
    ]);
    expect(chunks.map(({ position }) => position.steps)).toEqual([undefined, [one], [one], [one]]);
    expect(chunks.map(({ position }) => position.verdict?.state)).toEqual([undefined, undefined, 'success', 'success']);
  });

  test('no chunk is written when nothing was added', async () => {
    const writer = new LogWriter(logs, 'empty', emptyStreamHead);
    await writer.ready();
    expect(await writer.close()).toEqual({ maxAt: '', restarts: 0 });
    expect(await logs.last('empty')).toBeUndefined();
  });
});

describe('the result of a writer', () => {
  test('several writers number chunks from 0 and lines from 1 without holes, and markers have no number', async () => {
    const stream = runnerStream('numbers');
    await append(logs, stream, [
      { at: at(0), text: 'first' },
      { at: at(1), text: '', kind: 'mark' },
      { at: at(2), text: 'second', kind: 'err' },
    ]);
    await append(logs, stream, [
      { at: at(3), text: '', kind: 'mark', context: { step: 'one' } },
      { at: at(4), text: 'third', context: { step: 'one' } },
      { at: at(5), text: 'fourth', kind: 'note' },
    ]);
    const chunks = await chunksOf(logs, stream.id);
    expect(chunks.map(({ _id, n, firstSeq }) => [_id, n, firstSeq])).toEqual([
      [`${stream.id}/0`, 0, 1],
      [`${stream.id}/1`, 1, 3],
      [`${stream.id}/2`, 2, 4],
    ]);
    expect(await readStreamHead(logs, stream.id)).toMatchObject({ n: 3, seq: 5 });
  });

  test('the position has the newest timestamp of all lines but notes, also when a later line is older', async () => {
    const stream = runnerStream('stamps');
    await append(logs, stream, [
      { at: at(1000), text: 'clock set back after this' },
      { at: at(500), text: 'older' },
      { at: at(9000), text: 'restarted', kind: 'note' },
    ]);
    expect((await readStreamHead(logs, stream.id)).position.maxAt).toBe(at(1000));
  });

  test('lost lines are stored at their place, in a chunk of their own', async () => {
    const writer = new LogWriter(logs, 'gap', emptyStreamHead);
    writer.add({ at: at(0), kind: 'out', text: 'before' });
    writer.addGap({ from: at(0), to: at(9), lines: 8 });
    writer.add({ at: at(9), kind: 'out', text: 'after' });
    await writer.close();
    const chunks = await chunksOf(logs, 'gap');
    expect(chunks.map(({ lines, gap }) => [textsOf(lines), gap])).toEqual([
      [['before'], undefined],
      [[], { from: at(0), to: at(9), lines: 8 }],
      [['after'], undefined],
    ]);
    expect(chunks.map(({ firstSeq }) => firstSeq)).toEqual([1, 2, 2]);
  });
});
