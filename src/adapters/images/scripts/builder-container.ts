import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { pack } from 'tar-stream';
import { copyStream } from '../../files/copy-entries.ts';
import { isStale, uniqueName } from '../../files/stale-files.ts';
import { statusOf } from '../engine-fault.ts';

const folder = '/workspace';
const scriptFile = 'brightbird-build.sh';
const roleLabel = 'brightbird.dev/role';
/** Label with the owning process: the next worker on that machine removes a killed worker's containers. */
const ownerLabel = 'brightbird.dev/owner';

/** Runs the script, and beside it a shell that kills everything when the worker's connection ends. */
const guarded = `exec 2>&1 3<&0; (read _ <&3; kill -KILL -1) & exec 3<&-; sh /${scriptFile} </dev/null & wait $!`;

/**
 * Creates the container for the build script of `image`. The sources are copied into its working directory, not mounted, so
 * that a remote engine works. Removes the container of an earlier try.
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
    Labels: { [roleLabel]: 'build', [ownerLabel]: uniqueName() },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    HostConfig: { Mounts: [{ Type: 'volume', Source: '', Target: folder }], LogConfig: { Type: 'none', Config: {} } },
  };
  return docker.createContainer(options);
}

/** Copies the sources, a tar file, and the script into the container. */
export async function fillBuilder(container: Container, tarPath: string, script: string): Promise<void> {
  await container.putArchive(createReadStream(tarPath), { path: folder });
  const archive = pack();
  archive.entry({ name: scriptFile, mode: 0o600 }, script);
  archive.finalize();
  // The stream is one of streamx, whose types are not Node's.
  await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/' });
}

/** Writes a folder of the script's working directory to a tar file. */
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

/** Removes the containers of processes that have ended. */
export async function sweepBuilders(docker: Docker): Promise<void> {
  const found = await docker.listContainers({ all: true, filters: { label: [`${roleLabel}=build`] } });
  for (const { Id, Labels, Created } of found) {
    if (isStale(Labels[ownerLabel] ?? '', Created * 1000)) await removeContainer(docker.getContainer(Id));
  }
}

export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}
