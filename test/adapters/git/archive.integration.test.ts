import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const { signal } = new AbortController();
let workspace: Workspace;
let repositories: Repositories;
let origin: TestRepository;
let old: string;
let head: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  repositories = open('mirrors');
  origin = await createRepository(join(workspace.path, 'origin with a space'));
  old = await origin.commit('old', { Dockerfile: 'FROM scratch\n', 'service/main.txt': 'old' });
  head = await origin.commit('new', {
    'service/main.txt': 'new $Format:%H$',
    'service/sub/deep.txt': 'deep',
    'service/left-out.txt': 'kept',
    '.gitattributes': 'left-out.txt export-ignore\nmain.txt export-subst\n',
    '-odd': 'odd',
  });
});
afterAll(() => workspace.remove());

function open(name: string): Repositories {
  return createRepositories({ directory: join(workspace.path, name), allowFileUrls: true, log: workspace.log });
}

async function filesOf(commit: string, folder: string): Promise<string[]> {
  const path = await repositories.archive(origin.url, commit, folder, signal);
  const names = execFileSync('tar', ['-tf', path], { encoding: 'utf8' });
  await rm(path);
  return names
    .split('\n')
    .filter((name) => name !== '' && !name.endsWith('/'))
    .sort();
}

describe('an archive of a commit', () => {
  test('the archive has the files of the given commit, not of the newest one', async () => {
    expect(await filesOf(old, '.')).toEqual(['Dockerfile', 'service/main.txt']);
    expect(await filesOf(old, '')).toEqual(['Dockerfile', 'service/main.txt']);
  });

  test('the archive has the modes of a checkout with umask 022: 644, and 755 for executables', async () => {
    await writeFile(join(origin.path, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    const commit = await origin.commit('modes', { crontab: '* * * * * root true\n' });
    const path = await repositories.archive(origin.url, commit, '.', signal);
    const listed = execFileSync('tar', ['-tvf', path], { encoding: 'utf8' }).split('\n');
    await rm(path);
    const modes = listed.flatMap(
      (line) => /^(\S+) root\/root .* (crontab|run\.sh|service\/)$/.exec(line)?.slice(1) ?? [],
    );
    expect(modes).toEqual(['-rw-r--r--', 'crontab', '-rwxr-xr-x', 'run.sh', 'drwxr-xr-x', 'service/']);
  });

  test('the archive of a folder has the folder as its root', async () => {
    const expected = ['left-out.txt', 'main.txt', 'sub/deep.txt'];
    for (const folder of ['service', './service/', 'service/sub/..'])
      expect(await filesOf(head, folder)).toEqual(expected);
  });

  test('the archive has all files of a checkout, also those with export-ignore', async () => {
    expect(await filesOf(head, '.')).toContain('service/left-out.txt');
    const path = await repositories.archive(origin.url, head, 'service', signal);
    expect(execFileSync('tar', ['-xOf', path, 'main.txt'], { encoding: 'utf8' })).toBe('new $Format:%H$');
    await rm(path);
  });

  test('the commit is fetched first when another worker resolved it', async () => {
    repositories = open('another-worker');
    expect(await filesOf(old, '.')).toEqual(['Dockerfile', 'service/main.txt']);
  });

  test.each(['nowhere', 'Dockerfile', '-odd', '--output=x'])(
    'fails when %s is not a folder at the commit',
    async (folder) => {
      const fault = await faultOf(repositories.archive(origin.url, head, folder, signal));
      expect(fault.code).toBe('build_failed');
      expect(fault.message).toContain(head);
      expect(fault.message).toContain(folder);
    },
  );

  test('a day-old archive of a killed worker is removed', async () => {
    const [left, young] = ['left', 'young'].map((name) =>
      join(workspace.path, 'another-worker', 'archives', `${name}.tar`),
    );
    for (const path of [left, young]) await writeFile(path ?? '', '');
    await utimes(left ?? '', 0, 0);
    await filesOf(head, '.');
    expect([left, young].map((path) => existsSync(path ?? ''))).toEqual([false, true]);
  });
});

test('an abort ends the git that waits for a server, and leaves no partial clone', async () => {
  const server = createServer(() => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/silent`;
  const stop = new AbortController();
  const answer = repositories.resolve(url, '', stop.signal);
  await once(server, 'request');
  expect(processesWith(url)).not.toEqual([]);
  stop.abort(new Error('the task was stopped'));
  await expect(answer).rejects.toThrow('the task was stopped');
  // The transport, a child of git, sees the end when it next reads or writes.
  server.closeAllConnections();
  server.close();
  while (processesWith(url).length > 0) await new Promise(setImmediate);
  const clones = async (): Promise<string[]> =>
    (await readdir(join(workspace.path, 'another-worker'))).filter((name) => /silent|\.git\./.test(name));
  while ((await clones()).length > 0) await new Promise(setImmediate);
});

function processesWith(text: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.startsWith('git') && line.includes(text));
}
