import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { extract, pack } from 'tar-stream';
import { copyEntries } from '../../../src/adapters/files/copy-entries.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

test('copies entries of every kind under their new names, also empty files', async () => {
  const path = join(workspace.path, 'from.tar');
  const from = pack();
  from.entry({ name: 'folder', type: 'directory' });
  from.entry({ name: 'folder/empty' }, '');
  from.entry({ name: 'folder/text', mode: 0o755 }, 'text');
  from.entry({ name: 'left-out' }, 'x');
  from.entry({ name: 'symbolic', type: 'symlink', linkname: 'folder/text' });
  from.entry({ name: 'hard', type: 'link', linkname: 'folder/text' });
  from.entry({ name: 'also-empty' }, '');
  from.finalize();
  await pipeline(from, createWriteStream(path));

  const to = pack();
  const copied = copyEntries(path, to, (name) => (name === 'left-out' ? undefined : `new/${name}`));
  const seen: unknown[] = [];
  const read = (async () => {
    const found = extract();
    Readable.from(to).pipe(found as unknown as NodeJS.WritableStream);
    for await (const entry of found) {
      let text = '';
      for await (const piece of entry) text += String(piece);
      seen.push([entry.header.name, entry.header.type, entry.header.linkname ?? text]);
    }
  })();
  await copied;
  to.finalize();
  await read;
  expect(seen).toEqual([
    ['new/folder', 'directory', ''],
    ['new/folder/empty', 'file', ''],
    ['new/folder/text', 'file', 'text'],
    ['new/symbolic', 'symlink', 'folder/text'],
    ['new/hard', 'link', 'new/folder/text'],
    ['new/also-empty', 'file', ''],
  ]);
});
