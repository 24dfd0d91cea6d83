import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { lineByLine, startFollowing, textsOf } from '../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const content = Buffer.alloc(100_000, 'abcdefg');
const part = (number: number): string =>
  marker('step.file', {
    instance: 'check',
    path: 'out/report.xml',
    size: content.length,
    part: number,
    data: content.subarray(number * 48 * 1024, (number + 1) * 48 * 1024).toString('base64'),
  });
const printed = [
  marker('runner.start'),
  marker('step.start', { instance: 'check' }),
  'checking',
  part(0),
  part(1),
  part(2),
  marker('step.end', { instance: 'check', state: 'success' }),
  marker('runner.end', { state: 'success' }),
];

test.each([3, 4, 5, 6])('files are stored completely, also when a follower is aborted after %i lines', async (size) => {
  const { store } = opened;
  const taskId = `file-${size}`;
  const scripted = new ScriptedRun(taskId, [{ lines: lines(0, printed), end: { exitCode: 0 } }]);
  const first = startFollowing(store, scripted, {
    runtime: lineByLine(scripted.runtime, (count) => count === size && first.abort(new Error('let go'))),
  });
  await expect(first.end).rejects.toThrow('let go');
  const { end, progress } = startFollowing(store, scripted);
  expect(await end).toMatchObject({ verdict: { state: 'success' }, steps: [{ instance: 'check', state: 'success' }] });
  expect(await store.artifacts.list(taskId, 1)).toEqual([
    { step: 'check', path: 'out/report.xml', size: content.length, complete: true },
  ]);
  expect((await store.artifacts.read(taskId, 1, 'check', 'out/report.xml'))?.equals(content)).toBe(true);
  expect(await textsOf(store, taskId)).toEqual(['checking']);
  const shown = progress.map((steps) => JSON.stringify(steps));
  expect(shown.slice(1).filter((one, index) => one === shown[index])).toHaveLength(1);
});

test('a file with a lost part is listed as incomplete', async () => {
  const { store } = opened;
  const lost = printed.filter((_, index) => index !== 4);
  const scripted = new ScriptedRun('lost-1', [{ lines: lines(0, lost), end: { exitCode: 0 } }]);
  await startFollowing(store, scripted).end;
  expect(await store.artifacts.list('lost-1', 1)).toMatchObject([{ path: 'out/report.xml', complete: false }]);
  expect(await store.artifacts.read('lost-1', 1, 'check', 'out/report.xml')).toBeUndefined();
});
