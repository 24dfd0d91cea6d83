import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildId } from '../../../src/model/build.ts';
import { Fault } from '../../../src/model/fault.ts';
import { type BuildRecipe, buildRecipeSchema } from '../../../src/model/plugin.ts';
import type { BuildRequest } from '../../../src/model/ports/images.ts';
import { beginBuild } from '../../../src/services/builds/begin-build.ts';
import { endBuild } from '../../../src/services/builds/end-build.ts';
import { runBuild } from '../../../src/services/builds/run-build.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { commit, digest, scriptedParts } from '../../support/services/builds/parts.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const plain = buildRecipeSchema.parse({ context: 'server', dockerfile: 'Containerfile' });

/** Creates a build that one task has joined. */
async function joined(
  name: string,
  work?: (request: BuildRequest) => Promise<void>,
  { recipe = plain, secretStore = '/nowhere' }: { recipe?: BuildRecipe; secretStore?: string } = {},
) {
  const parts = scriptedParts(work, secretStore);
  const ports = { ...opened.store, ...parts };
  const input = { image: `registry.invalid/${name}:${commit}`, repo: 'https://git.invalid/x.git', commit, recipe };
  const id = buildId(input.image);
  await opened.store.builds.join({ ...input, id }, `${name}-1`);
  const { signal } = new AbortController();
  return {
    ...parts,
    input,
    begin: (runId: string) => beginBuild(ports, input, runId),
    run: (runId: string, tried = 1) => runBuild(ports, input, { runId, tried }, signal),
    end: (runId: string, error?: Fault) =>
      endBuild(ports, { buildId: id, ...(error ? { error: error.report() } : { digest }) }, runId),
    record: () => opened.store.builds.get(id),
    async texts() {
      const { items } = await readLogs(opened.store.logs, { taskId: id, limit: 100 });
      return items.map((item) => 'text' in item && item.text);
    },
  };
}

describe('runBuild', () => {
  test('runBuild builds the commit by the recipe and records output and duration', async () => {
    const build = await joined('made');
    expect(await build.begin('run-1')).toBeUndefined();
    expect(await build.record()).toMatchObject({ state: 'waiting', taskIds: ['made-1'], runId: 'run-1' });
    expect(await build.run('run-1')).toEqual({ built: true, digest });
    expect(await build.record()).toMatchObject({ state: 'running', startedAt: expect.any(Date) });
    expect(build.archived).toEqual([['https://git.invalid/x.git', commit, 'server']]);
    expect(build.begun).toMatchObject([{ image: build.input.image, commit, recipe: { dockerfile: 'Containerfile' } }]);
    await build.end('run-1');
    expect(await build.record()).toMatchObject({ state: 'success', durationMs: expect.any(Number), digest });
    expect(await build.texts()).toEqual([`Step 1/2 : ${build.input.image}`, 'Successfully built']);
    expect(await build.isClean()).toBe(true);
  });

  test('runBuild passes the secrets of the recipe and does not begin if one is missing', async () => {
    const secretStore = await mkdtemp(join(tmpdir(), 'brightbird-secrets-'));
    await writeFile(join(secretStore, 'npm-token'), 'a token\n');
    const given = { secretStore, recipe: { ...plain, secrets: { NPM_TOKEN: 'npm-token' } } };
    const build = await joined('secret', undefined, given);
    await build.run('run-1');
    expect(build.begun).toMatchObject([{ secrets: { NPM_TOKEN: 'a token' } }]);
    await rm(secretStore, { recursive: true });
    const without = await joined('without', undefined, given);
    await expect(without.run('run-1')).rejects.toMatchObject({ code: 'secret_invalid' });
    expect(without.archived).toEqual([]);
  });

  test('runBuild does not build an existing image and keeps its record', async () => {
    const build = await joined('again');
    await build.begin('run-1');
    await build.run('run-1');
    await build.end('run-1');
    const before = await build.record();
    expect(await build.begin('run-2')).toEqual({ digest });
    expect(await build.record()).toEqual(before);
  });

  test('runBuild succeeds if the image was built elsewhere meanwhile', async () => {
    const build = await joined('foreign');
    build.made.add(build.input.image);
    await build.begin('run-1');
    expect(await build.record()).toMatchObject({ state: 'success' });
  });

  test('runBuild records output and reason of a failed build and removes its files', async () => {
    const failure = new Fault('build_failed', 'step 2 failed');
    const build = await joined('failed', async ({ onOutput }) => {
      await onOutput('error: no such file');
      throw failure;
    });
    await build.begin('run-1');
    await expect(build.run('run-1')).rejects.toBe(failure);
    await build.end('run-1', failure);
    expect(await build.record()).toMatchObject({ state: 'error', error: { message: 'step 2 failed' } });
    expect(await build.texts()).toEqual([`Step 1/2 : ${build.input.image}`, 'error: no such file']);
    expect(await build.isClean()).toBe(true);
    await build.begin('run-2');
    const { error, finishedAt, ...rest } = (await build.record()) ?? {};
    expect([error, finishedAt, rest]).toMatchObject([undefined, undefined, { state: 'waiting', runId: 'run-2' }]);
  });

  test('runBuild continues the log of an interrupted build with a note, and finds a finished image', async () => {
    let lives = 0;
    const build = await joined('interrupted', async () => {
      lives += 1;
      if (lives === 1) throw new Error('killed');
    });
    await build.begin('run-1');
    await expect(build.run('run-1')).rejects.toThrow('killed');
    expect(await build.run('run-1', 2)).toEqual({ built: true, digest });
    const step = `Step 1/2 : ${build.input.image}`;
    const note = 'the build was interrupted and begins again: try 2';
    expect(await build.texts()).toEqual([step, note, step, 'Successfully built']);
    expect(await build.run('run-1', 3)).toEqual({ built: true, digest });
    expect(build.begun).toHaveLength(2);
  });

  test('runBuild writes nothing to a record that a later run holds', async () => {
    const build = await joined('stale');
    await build.begin('run-1');
    await build.begin('run-2');
    await build.end('run-1');
    expect(await build.record()).toMatchObject({ state: 'waiting', runId: 'run-2' });
  });
});
