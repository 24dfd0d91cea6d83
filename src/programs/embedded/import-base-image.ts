import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { type Pack, pack } from 'tar-stream';
import { Fault } from '../../model/fault.ts';
import type { ImageFile } from './base-image-files.ts';

/** Imports the files into the engine as the image `tag`. Throws `engine_unavailable` when the engine refuses them. */
export async function importBaseImage(docker: Docker, tag: string, files: readonly ImageFile[]): Promise<void> {
  const [repo, name] = tag.split(':');
  const archive = pack();
  const written = writeAll(archive, files);
  const changes = ['ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', 'CMD ["node"]'];
  const options = { repo, tag: name, changes };
  const [answer] = await Promise.all([
    docker.importImage(Readable.from(archive), options).then((stream) => text(stream)),
    written,
  ]);
  const failed = /"error":"([^"]*)"/.exec(answer)?.[1];
  if (failed) throw new Fault('engine_unavailable', `the engine failed to import ${tag}: ${failed}`);
}

async function writeAll(archive: Pack, files: readonly ImageFile[]): Promise<void> {
  for (const { path, mode, owner = 0, content } of files) {
    // A fixed date makes the archive depend on the contents alone.
    const header = { name: path.slice(1), mode, uid: owner, gid: owner, mtime: new Date(0) };
    if (content === 'directory') archive.entry({ ...header, type: 'directory' });
    else if ('link' in content) archive.entry({ ...header, type: 'symlink', linkname: content.link });
    else if ('text' in content) archive.entry(header, content.text);
    else await pipeline(createReadStream(content.file), archive.entry({ ...header, size: content.size }));
  }
  archive.finalize();
}
