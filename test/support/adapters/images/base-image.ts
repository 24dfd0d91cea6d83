import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { pack } from 'tar-stream';

export const docker = new Docker();
export const noAccounts = async (): Promise<undefined> => undefined;

/** Creates a base image from this machine's busybox with a unique name and layer, as no image can be pulled here. */
export async function createBaseImage(): Promise<string> {
  const id = randomUUID().slice(0, 8);
  const tar = pack();
  tar.entry({ name: 'etc/base' }, id);
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile('/bin/busybox'));
  for (const tool of ['sh', 'sleep']) tar.entry({ name: `bin/${tool}`, type: 'symlink', linkname: 'busybox' });
  tar.finalize();
  const options = { repo: `brightbird-test/base-${id}`, tag: '1' };
  const answer = await docker.importImage(tar as unknown as NodeJS.ReadableStream, options);
  const output = await text(answer as Readable);
  if (output.includes('"error"')) throw new Error(output);
  return `${options.repo}:1`;
}

/** Removes the base image and all images built on it, also untagged ones of failed builds. */
export async function removeImages(baseImage: string): Promise<void> {
  const id = baseImage.slice(-10, -2);
  const layer = (await docker.getImage(baseImage).inspect()).RootFS.Layers?.[0];
  const ours = async ({ Id, RepoTags }: Docker.ImageInfo): Promise<boolean> =>
    (RepoTags ?? []).some((tag) => tag.includes(id)) ||
    (await unless([404], docker.getImage(Id).inspect()))?.RootFS.Layers?.[0] === layer;
  for (;;) {
    let left = 0;
    for (const image of await docker.listImages()) {
      if (!(await ours(image))) continue;
      left += 1;
      // Parents can be removed after their children, in the next round.
      await unless([404, 409], docker.getImage(image.Id).remove({ force: true }));
    }
    if (left === 0) return;
  }
}

async function unless<T>(statuses: number[], work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: { statusCode?: number }) => {
    if (statuses.includes(error.statusCode ?? 0)) return undefined;
    throw error;
  });
}
