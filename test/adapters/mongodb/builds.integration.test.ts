import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

test('records all tasks that join a build at the same time, even when they create it', async () => {
  const { builds } = opened.store;
  const tasks = Array.from({ length: 12 }, (_, n) => `task-${n}`);
  for (let n = 0; n < 40; n += 1) {
    const build = { id: `build-${n}`, image: 'image', repo: 'https://git.invalid/x.git', commit: 'c' };
    await Promise.all(tasks.map((taskId) => builds.join(build, taskId)));
    expect((await builds.get(build.id))?.taskIds.sort()).toEqual([...tasks].sort());
  }
});
