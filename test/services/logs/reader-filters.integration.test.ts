import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogStore } from '../../../src/model/ports/logs.ts';
import type { StepProgress } from '../../../src/model/step.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';
import { append, at, linesFrom, readAll, runnerStream, textsOf } from '../../support/services/logs/streams.ts';

const { store, close } = await openStore();
const { logs } = store;
afterAll(close);

/** Returns steps in the given states, written as `one:success`. */
const steps = (...states: string[]): StepProgress[] =>
  states.map((text) => {
    const [instance = '', state] = text.split(':');
    return { instance, state: state as StepProgress['state'] };
  });

describe('the log of one step', () => {
  test('the log of one step has the lines of all containers of a restarted runner', async () => {
    const taskId = 'restarted';
    const stream = runnerStream(taskId);
    await append(logs, stream, [
      ...linesFrom(0, ['hello']),
      ...linesFrom(1, ['one, first life'], { step: 'one', progress: { steps: steps('one:running') } }),
      ...linesFrom(2, ['between'], { progress: { steps: steps('one:success') } }),
      ...linesFrom(3, ['two, first life'], { step: 'two', progress: { steps: steps('one:success', 'two:running') } }),
      { at: at(4), text: 'crashed', kind: 'note', context: { step: 'two' } },
      ...linesFrom(5, ['hello again'], { progress: { steps: steps('one:success', 'two:pending') } }),
      ...linesFrom(6, ['two, second life'], { step: 'two', progress: { steps: steps('one:success', 'two:running') } }),
      ...linesFrom(7, ['end of two'], { step: 'two', progress: { steps: steps('one:success', 'two:error') } }),
      ...linesFrom(8, ['bye']),
    ]);
    const texts = async (step: string, limit: number) =>
      textsOf((await readAll(logs, { taskId, filter: { step }, limit })).items);
    for (const limit of [1, 100]) {
      expect(await texts('one', limit)).toEqual(['one, first life']);
      expect(await texts('two', limit)).toEqual(['two, first life', 'crashed', 'two, second life', 'end of two']);
      expect(await texts('three', limit)).toEqual([]);
    }
    const [item] = (await readLogs(logs, { taskId, filter: { step: 'two' }, limit: 1 })).items;
    expect(item).toEqual({
      seq: 4,
      at: at(3),
      source: 'runner',
      attempt: 1,
      step: 'two',
      stream: 'out',
      text: 'two, first life',
    });
  });

  test('the log of a step that has not begun continues from the cursor of the empty page', async () => {
    const taskId = 'awaited';
    const stream = runnerStream(taskId);
    const read = (after?: string) => readLogs(logs, { taskId, filter: { step: 'two' }, after, limit: 10 });
    let page = await read();
    await append(logs, stream, linesFrom(0, ['one'], { step: 'one', progress: { steps: steps('one:running') } }));
    page = await read(page.nextCursor);
    expect([page.items, page.ended]).toEqual([[], true]);
    await append(
      logs,
      stream,
      linesFrom(1, ['more of one'], { step: 'one', progress: { steps: steps('one:success') } }),
    );
    await append(
      logs,
      stream,
      linesFrom(2, ['two'], { step: 'two', progress: { steps: steps('one:success', 'two:running') } }),
    );
    page = await read(page.nextCursor);
    expect(textsOf(page.items)).toEqual(['two']);
    await append(logs, stream, linesFrom(3, ['more of two'], { step: 'two' }));
    expect(textsOf((await read(page.nextCursor)).items)).toEqual(['more of two']);
  });

  test('the log of one step has no lines of components and builds', async () => {
    const taskId = 'step-only';
    await append(
      logs,
      runnerStream(taskId),
      linesFrom(0, ['mine'], { step: 'one', progress: { steps: steps('one:running') } }),
    );
    await append(logs, runnerStream(taskId, { source: 'greeter-0' }), linesFrom(0, ['component']));
    await append(logs, runnerStream(taskId, { source: 'build:greeter' }), linesFrom(0, ['build']));
    expect(textsOf((await readAll(logs, { taskId, filter: { step: 'one' }, limit: 10 })).items)).toEqual(['mine']);
  });

  test('a step in the middle of a long log is found without reading the whole log', async () => {
    const taskId = 'far';
    const stream = runnerStream(taskId);
    await logs.open(stream);
    for (let n = 0; n < 200; n += 1) {
      const step = n < 150 ? 'one' : n < 153 ? 'two' : 'three';
      const known = steps('one:success', n < 152 ? 'two:running' : 'two:success', 'three:running').slice(
        0,
        n < 150 ? 1 : n < 153 ? 2 : 3,
      );
      const lines = [{ at: at(n), kind: 'out' as const, text: `chunk ${n}` }];
      await logs.insert({
        _id: `${stream.id}/${n}`,
        stream: stream.id,
        n,
        step,
        firstSeq: n + 1,
        lines,
        position: { maxAt: at(n), restarts: 0, steps: known },
      });
    }
    let read = 0;
    const counting: LogStore = {
      ...logs,
      async read(...request) {
        const chunks = await logs.read(...request);
        read += chunks.length;
        return chunks;
      },
    };
    const request = { taskId, filter: { step: 'two' }, limit: 100 };
    expect(textsOf((await readLogs(counting, request)).items)).toEqual(['chunk 150', 'chunk 151', 'chunk 152']);
    expect(read).toBeLessThan(30);
  });
});

describe('a log by source and attempt', () => {
  beforeAll(async () => {
    const taskId = 'mixed';
    await append(logs, runnerStream(taskId), linesFrom(0, ['runner, first attempt']));
    await append(logs, runnerStream(taskId, { source: 'greeter-0' }), linesFrom(1, ['greeter, first attempt']));
    await append(logs, runnerStream(taskId, { attempt: 2 }), linesFrom(2, ['runner, second attempt']));
    await append(
      logs,
      runnerStream(taskId, { source: 'greeter-0', attempt: 2 }),
      linesFrom(3, ['greeter, second attempt']),
    );
  });
  test.each([
    [{ source: 'runner' }, ['runner, first attempt', 'runner, second attempt']],
    [{ attempt: 2 }, ['runner, second attempt', 'greeter, second attempt']],
    [{ source: 'greeter-0', attempt: 1 }, ['greeter, first attempt']],
    [{ source: 'unknown' }, []],
    [{ attempt: 3 }, []],
  ])('a log filtered by %j has the matching lines only, page by page', async (filter, expected) => {
    expect(textsOf((await readAll(logs, { taskId: 'mixed', filter, limit: 1 })).items)).toEqual(expected);
  });
});

describe('a cursor', () => {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each([
    ['nonsense', 'nonsense'],
    ['nothing', ''],
    ['JSON of another kind', encoded({ n: 1 })],
    ['negative numbers', encoded([[-1, 0]])],
    ['fractions', encoded([[0.5, 0]])],
    ['an incomplete position', encoded([[1]])],
    ['texts', encoded([['1', '0']])],
  ])('a cursor of %s is rejected with a hint', async (_name, after) => {
    await expect(readLogs(logs, { taskId: 'mixed', after, limit: 10 })).rejects.toMatchObject({
      code: 'invalid_request',
      where: { path: 'after' },
      hint: expect.stringContaining('nextCursor'),
    });
  });

  test('a cursor of another task with more streams is rejected', async () => {
    await append(logs, runnerStream('single'), linesFrom(0, ['one']));
    const { nextCursor } = await readLogs(logs, { taskId: 'mixed', limit: 10 });
    await expect(readLogs(logs, { taskId: 'single', after: nextCursor, limit: 10 })).rejects.toMatchObject({
      code: 'invalid_request',
      where: { path: 'after' },
    });
  });

  test('a cursor is safe in a URL', async () => {
    const { nextCursor } = await readLogs(logs, { taskId: 'mixed', limit: 3 });
    expect(encodeURIComponent(nextCursor)).toBe(nextCursor);
  });
});
