import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { pack } from 'tar-stream';
import { copyStream } from '../../files/copy-entries.ts';
import { isLeft, ownName } from '../../files/left-overs.ts';
import { statusOf } from '../engine-fault.ts';

const folder = '/workspace';
const scriptFile = 'brightbird-build.sh';
const roleLabel = 'brightbird.dev/role';
/** Whose it is, by the process: the next worker on that machine removes what a killed one left. */
const ownerLabel = 'brightbird.dev/owner';

/** The script, and beside it a shell that waits for the end of the worker's connection and then ends all of it. */
const guarded = `exec 2>&1 3<&0; (read _ <&3; kill -KILL -1) & exec 3<&-; sh /${scriptFile} </dev/null & wait $!`;

/**
 * Makes the container that a build script of `image` runs in, with its sources in the working directory: copied in, no
 * bind mount, so that a remote engine will do. One that an earlier try left is removed.
 */
export async function createBuilder(
  docker: Docker,
  { image, builder, env }: { image: string; builder: string; env: Readonly<Record<string, string>> },
): Promise<Container> {
  const name = `brightbird-build-${createHash('sha256').update(image).digest('hex').slice(0, 12)}`;
  await removeContainer(docker.getContainer(name));
  const options: ContainerCreateOptions = {
    name,
    Image: builder,
    Entrypoint: ['sh', '-c', guarded],
    Cmd: [],
    User: '0:0',
    WorkingDir: folder,
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    Labels: { [roleLabel]: 'build', [ownerLabel]: ownName() },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    HostConfig: { Mounts: [{ Type: 'volume', Source: '', Target: folder }], LogConfig: { Type: 'none', Config: {} } },
  };
  return docker.createContainer(options);
}

/** Puts the sources, a tar file, and the script into the container. */
export async function fillBuilder(container: Container, tarPath: string, script: string): Promise<void> {
  await container.putArchive(createReadStream(tarPath), { path: folder });
  const archive = pack();
  archive.entry({ name: scriptFile, mode: 0o600 }, script);
  archive.finalize();
  // A stream of streamx, whose types are not Node's.
  await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/' });
}

/** Writes what the script left in a folder of its working directory to a tar file. */
export async function takeContext(container: Container, context: string, tarPath: string): Promise<void> {
  const answer = await container.getArchive({ path: folder });
  const to = pack();
  const root = posix.join(folder.slice(1), context, '/');
  const copied = copyStream(answer, to, (name) =>
    name.startsWith(root) ? name.slice(root.length) || undefined : undefined,
  )
    .then(() => to.finalize())
    .catch((error: Error) => {
      to.destroy(error);
      throw error;
    });
  await Promise.all([copied, pipeline(to, createWriteStream(tarPath))]);
}

/** Removes the builders of processes that are gone, which have ended with them. */
export async function sweepBuilders(docker: Docker): Promise<void> {
  const found = await docker.listContainers({ all: true, filters: { label: [`${roleLabel}=build`] } });
  for (const { Id, Labels, Created } of found) {
    if (isLeft(Labels[ownerLabel] ?? '', Created * 1000)) await removeContainer(docker.getContainer(Id));
  }
}

export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}
