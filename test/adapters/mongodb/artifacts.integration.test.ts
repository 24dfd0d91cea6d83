import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ArtifactStore } from '../../../src/model/ports/artifacts.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';

let opened: TestStore;
let artifacts: ArtifactStore;
beforeAll(async () => {
  opened = await openStore();
  artifacts = opened.store.artifacts;
});
afterAll(() => opened.close());

const put = (taskId: string, attempt: number, step: string, path: string, text: string) =>
  artifacts.put(taskId, attempt, { step, path, size: text.length }, 0, Buffer.from(text));

test('lists files by step and path, whatever their names are, and replaces a file that is stored again', async () => {
  await put('names', 1, 'two', 'x', 'first');
  await put('names', 1, 'two', 'x', 'second');
  await put('names', 1, 'one', '$a.b/../ü "', '');
  await put('names', 2, 'one', 'later', 'other attempt');
  expect(await artifacts.list('names', 1)).toEqual([
    { step: 'one', path: '$a.b/../ü "', size: 0, complete: true },
    { step: 'two', path: 'x', size: 6, complete: true },
  ]);
  expect(String(await artifacts.read('names', 1, 'two', 'x'))).toBe('second');
  expect(String(await artifacts.read('names', 1, 'one', '$a.b/../ü "'))).toBe('');
  expect(await artifacts.read('names', 1, 'one', 'x')).toBeUndefined();
  expect(await artifacts.read('names', 2, 'two', 'x')).toBeUndefined();
});

test('deletes the files of all attempts of a task, and of no other task', async () => {
  for (const attempt of [1, 2]) await put('gone', attempt, 'step', 'file', 'text');
  await put('kept', 1, 'step', 'file', 'text');
  await artifacts.delete('gone', 2);
  for (const attempt of [1, 2]) {
    expect(await artifacts.list('gone', attempt)).toEqual([]);
    expect(await artifacts.read('gone', attempt, 'step', 'file')).toBeUndefined();
  }
  expect(await artifacts.list('kept', 1)).toHaveLength(1);
});
