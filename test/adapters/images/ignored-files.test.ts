import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { extract } from 'tar-stream';
import { openContext, readDockerignore } from '../../../src/adapters/images/ignored-files.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { writeTar } from '../../support/adapters/images/tar.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

let workspace: Workspace;
let count = 0;

beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

/** Returns the names of the files that are sent. */
async function sent(files: Record<string, string>, dockerfile = 'Dockerfile'): Promise<string[]> {
  count += 1;
  const tarPath = await writeTar(join(workspace.path, `${count}.tar`), files);
  const context = openContext(tarPath, await readDockerignore(tarPath, dockerfile));
  const entries = extract();
  const names: string[] = [];
  const read = (async () => {
    for await (const entry of entries) {
      names.push(entry.header.name);
      entry.resume();
    }
  })();
  await Promise.all([pipeline(context, entries as unknown as NodeJS.WritableStream), read]);
  return names;
}

const files = (...names: string[]) => Object.fromEntries(names.map((name) => [name, `this is ${name}`]));

test.each<[string, string, string[], string[]]>([
  ['all files without patterns', '# nothing\n\n', ['a', 'b/c'], ['a', 'b/c']],
  [
    'no files by name, in any case that is written',
    'README.md\n',
    ['README.md', 'readme.md', 'b/README.md'],
    ['readme.md', 'b/README.md'],
  ],
  ['an ignored folder with its content', '/node_modules/\r\n', ['node_modules/', 'node_modules/x/y', 'z'], ['z']],
  ['no files of a suffix', '**.pem\n**.env\n', ['certs/key.pem', 'a/b/prod.env', 'keep'], ['keep']],
  ['none in any folder', '**/*.log\n', ['a.log', 'b/c.log', 'b/c'], ['b/c']],
  ['exceptions', '*\n!src\n!b/*.c\nsrc/x\n', ['a', 'src/m', 'src/x', 'b/a.c', 'b/a.h'], ['src/m', 'b/a.c']],
  [
    'names with metacharacters of regular expressions',
    'c++\na(1).txt\nb{2}|\n',
    ['c++/x', 'a(1).txt', 'b{2}|', 'c'],
    ['c'],
  ],
  ['its Dockerfile though it is named', '*\n', ['a'], []],
])('the build context is sent without ignored files: %s', async (_, patterns, names, left) => {
  const own = patterns.startsWith('*\n') ? [] : ['.dockerignore'];
  const given = { '.dockerignore': patterns, Dockerfile: 'FROM x', ...files(...names) };
  expect(await sent(given)).toEqual([...own, 'Dockerfile', ...left]);
});

test('the ignore file of a Dockerfile has priority over .dockerignore', async () => {
  const given = {
    '.dockerignore': 'a\n',
    'docker/Dockerfile.x.dockerignore': 'b\n',
    'docker/Dockerfile.x': '',
    ...files('a', 'b'),
  };
  expect(await sent(given, './docker/Dockerfile.x')).toEqual([
    '.dockerignore',
    'docker/Dockerfile.x.dockerignore',
    'docker/Dockerfile.x',
    'a',
  ]);
  expect(await sent(given)).toContain('b');
});

test('an invalid pattern fails the build with its text', async () => {
  const fault = await faultOf(sent({ '.dockerignore': 'fine\n[z-a]\n', Dockerfile: '' }));
  expect(fault).toMatchObject({
    code: 'build_failed',
    message: expect.stringContaining('.dockerignore has an invalid pattern'),
  });
  expect(fault.message).toContain('[z-a]');
});
