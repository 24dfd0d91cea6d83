import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';

const programs = ['awk', 'cat', 'head', 'id', 'ls', 'seq', 'sh', 'sleep', 'tr', 'wc'];

/** Imports an image that holds this machine's busybox, under a name of its own. */
export async function importBusybox(docker: Docker, repo: string): Promise<string> {
  const archive = pack();
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile('/bin/busybox'));
  for (const program of programs) archive.entry({ name: `bin/${program}`, type: 'symlink', linkname: 'busybox' });
  archive.finalize();
  const options = { repo, tag: '1' };
  const stream = (await docker.importImage(archive as unknown as NodeJS.ReadableStream, options)) as Readable;
  for await (const _progress of stream);
  return `${repo}:1`;
}
