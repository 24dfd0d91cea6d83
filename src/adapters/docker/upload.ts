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
 * Copies the work file, secrets and the plugins' programs into a container before its start; not by bind mounts, as the
 * engine may be remote. Files are readable and the directory is writable for all, as the image may run as any user.
 */
export async function uploadWork(
  container: Container,
  work: WorkFile,
  parts: Pick<RunnerSpec, 'files' | 'secrets'>,
): Promise<void> {
  const archive = pack();
  // Destroyed with the error, as the engine would otherwise wait for the rest of an unreadable file.
  const written = writeArchive(archive, work, parts).catch((error: Error) => archive.destroy(error));
  try {
    // A stream of streamx, whose types differ from Node's.
    const stream = archive as unknown as NodeJS.ReadableStream;
    await Promise.all([container.putArchive(stream, { path: '/' }), written]);
  } finally {
    archive.destroy();
  }
}

async function writeArchive(
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
        hint: 'restore it in the plugin store',
        cause,
      });
    }
  }
  archive.finalize();
}
