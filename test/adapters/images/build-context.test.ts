import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { readFromTar } from '../../../src/adapters/images/build-context.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

let workspace: Workspace;
let path: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  path = join(workspace.path, 'context.tar');
  const tar = pack();
  const link = (name: string, linkname: string) => tar.entry({ name, linkname, type: 'symlink' });
  link('Dockerfile', 'docker/main');
  link('docker/main', '../docker/./Dockerfile');
  tar.entry({ name: 'docker', type: 'directory' });
  tar.entry({ name: 'docker/Dockerfile' }, 'FROM x');
  link('gone', 'nowhere');
  link('outside', '../../etc/passwd');
  link('round', 'round');
  tar.finalize();
  await pipeline(tar, createWriteStream(path));
});
afterAll(() => workspace.remove());

test.each(['docker/Dockerfile', './docker//Dockerfile', 'Dockerfile'])(
  'a file of a build context is read by its name and through links: %s',
  async (name) => {
    expect(await readFromTar(path, name)).toBe('FROM x');
  },
);

test.each(['docker', 'nothing', 'gone', 'outside', 'round'])(
  'a path that is not a file in the context is undefined: %s',
  async (name) => {
    expect(await readFromTar(path, name)).toBeUndefined();
  },
);
