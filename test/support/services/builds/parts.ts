import { access, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScriptRunner } from '../../../../src/model/ports/build-scripts.ts';
import type { Repositories } from '../../../../src/model/ports/git.ts';
import type { BuildRequest, ImageBuilder } from '../../../../src/model/ports/images.ts';

export const commit = 'c'.repeat(40);
export const digest = `sha256:${'d'.repeat(64)}`;

/** Creates an engine and repositories in memory. A build calls `work` between its first and its last line. */
export function scriptedParts(
  work: (request: BuildRequest) => Promise<void> = async () => undefined,
  secretStore = '/nowhere',
) {
  const tarPath = join(tmpdir(), `brightbird-archive-${process.pid}.tar`);
  /** Images of the engine, and the requests to git and the builder. */
  const made = new Set<string>();
  const archived: unknown[] = [];
  const begun: BuildRequest[] = [];
  const repositories: Repositories = {
    resolve: async () => ({ commit }),
    newestTag: async () => 'v1.0.0',
    count: async () => undefined,
    firstParents: async () => [],
    commitInfo: async (_repo, sha) => ({ sha, author: '', at: '', subject: '' }),
    async archive(...request) {
      archived.push(request.slice(0, 3));
      await writeFile(tarPath, 'tar');
      return tarPath;
    },
    readFile: async () => 'FROM x',
    checkout: () => Promise.reject(new Error('unexpected request for a working tree')),
    tokenOf: () => undefined,
    sweep: async () => undefined,
  };
  const images: ImageBuilder = {
    platform: async () => 'linux/amd64',
    find: async (image) => (made.has(image) ? { digest } : undefined),
    async build(request) {
      begun.push(request);
      await request.onOutput(`Step 1/2 : ${request.image}`);
      await work(request);
      await request.onOutput('Successfully built');
      made.add(request.image);
      return { imageId: digest, digest };
    },
    publish: () => Promise.reject(new Error('no script made an image')),
  };
  const baseImageOf = async () => undefined;
  const refuse = () => Promise.reject(new Error('unexpected request for a script'));
  const scripts: ScriptRunner = { run: refuse, runInBuilder: refuse, sweep: async () => undefined };
  const scriptSettings = { registry: '', proxy: '', dockerHost: undefined, secrets: [], secretStore };
  const isClean = () =>
    access(tarPath).then(
      () => false,
      () => true,
    );
  return {
    repositories,
    images,
    scripts,
    scriptSettings,
    baseImageOf,
    made,
    archived,
    begun,
    isClean,
    tarPath,
    close: () => rm(tarPath, { force: true }),
  };
}
