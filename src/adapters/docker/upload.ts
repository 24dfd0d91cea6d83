import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Container } from 'dockerode';
import { type Pack, pack } from 'tar-stream';
import type { RunnerSpec } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { storeWork } from '../../model/stored-work.ts';
import { type WorkFile, workPaths } from '../../model/work.ts';

/**
 * Puts the work file, secrets and the plugins' programs into a container that has not started yet; no bind mount, so that a remote
 * engine will do. Readable and the directory writable for all, as the image may run as any user.
 */
export async function upload(
  container: Container,
  work: WorkFile,
  given: Pick<RunnerSpec, 'files' | 'secrets'>,
): Promise<void> {
  const archive = pack();
  // Without an error of its own, a file that cannot be read would leave the engine waiting for the rest.
  const written = write(archive, work, given).catch((error: Error) => archive.destroy(error));
  try {
    // A stream of streamx, whose types are not Node's.
    const stream = archive as unknown as NodeJS.ReadableStream;
    await Promise.all([container.putArchive(stream, { path: '/' }), written]);
  } finally {
    archive.destroy();
  }
}

async function write(
  archive: Pack,
  work: WorkFile,
  { files, secrets }: Pick<RunnerSpec, 'files' | 'secrets'>,
): Promise<void> {
  archive.entry({ name: `${workPaths.directory.slice(1)}/`, type: 'directory', mode: 0o777 });
  archive.entry({ name: workPaths.file.slice(1), mode: 0o644 }, storeWork(work));
  for (const [name, value] of Object.entries(secrets)) {
    archive.entry({ name: `${workPaths.secrets.slice(1)}/${name}`, mode: 0o444 }, value);
  }
  for (const { from, to } of files) {
    try {
      const { size, mode } = await stat(from);
      const entry = archive.entry({ name: to.slice(1), size, mode: mode & 0o111 ? 0o755 : 0o644 });
      await pipeline(createReadStream(from), entry);
    } catch (cause) {
      throw new Fault('plugin_invalid', `the program ${from} cannot be read: ${String(cause)}`, {
        hint: 'put it back into the plugin store',
        cause,
      });
    }
  }
  archive.finalize();
}
