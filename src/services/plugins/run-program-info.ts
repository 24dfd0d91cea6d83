import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { pack } from 'tar-stream';
import { Fault } from '../../model/fault.ts';
import { CappedOutput } from './capped-output.ts';

const timeoutSeconds = 10;
const maxOutputBytes = 1024 * 1024;
const memoryBytes = 256 * 1024 * 1024;
const folder = '/plugin';

/**
 * Runs `<program> info` and returns the JSON that it prints. The container has no network, no capabilities and a
 * read-only file system, and is limited to 10 s, 256 MB of memory and 1 MB of output. Throws `plugin_invalid` with the
 * output or reason.
 */
export async function runProgramInfo(docker: Docker, image: string, path: string): Promise<unknown> {
  const name = basename(path);
  const container = await docker.createContainer(sandboxOptions(image, `${folder}/${name}`));
  try {
    await putProgram(container, path, name);
    const { output, error, code } = await run(docker, container);
    if (code !== 0) {
      const cannotRun = code === 126 || code === 127 || error.startsWith('exec /');
      const hint = `its interpreter has to be in the runner's image, ${image}, which is built from BASE_IMAGE`;
      throw invalid(`${name} info ended with exit code ${code}: ${error || output}`, cannotRun ? hint : undefined);
    }
    try {
      return JSON.parse(output);
    } catch {
      throw invalid(`${name} info printed ${JSON.stringify(output.slice(0, 200))} instead of a JSON object`);
    }
  } finally {
    await container.remove({ force: true, v: true });
  }
}

function sandboxOptions(image: string, program: string): ContainerCreateOptions {
  return {
    Image: image,
    Entrypoint: [program],
    Cmd: ['info'],
    User: '65534:65534',
    AttachStdout: true,
    AttachStderr: true,
    Labels: { 'brightbird.dev/role': 'plugin-info' },
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      PidsLimit: 64,
      NanoCpus: 1_000_000_000,
      LogConfig: { Type: 'none', Config: {} },
      Tmpfs: { '/tmp': 'size=16m' },
      // The engine copies files into a read-only container only through a volume, which is removed with the container.
      Mounts: [{ Type: 'volume', Source: '', Target: folder, ReadOnly: false }],
    },
  };
}

async function putProgram(container: Container, path: string, name: string): Promise<void> {
  const archive = pack();
  const { size } = await stat(path);
  // A streamx stream, whose types differ from Node's.
  const sent = container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: folder });
  const written = pipeline(createReadStream(path), archive.entry({ name, size, mode: 0o755 })).then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  await Promise.all([sent, written]);
}

async function run(docker: Docker, container: Container): Promise<{ output: string; error: string; code: number }> {
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  let problem: string | undefined;
  const end = (reason: string): void => {
    problem ??= reason;
    // The container may have just ended.
    container.kill().catch(() => {});
  };
  const output = new CappedOutput(maxOutputBytes, () => end(`printed more than ${maxOutputBytes / 1024} KB`));
  const error = new CappedOutput(maxOutputBytes, () => end(`printed more than ${maxOutputBytes / 1024} KB`));
  docker.modem.demuxStream(stream, output, error);
  const closed = new Promise((resolve) => stream.once('close', resolve).once('end', resolve));
  await container.start().catch((cause: Error & { json?: { message?: string } }) => {
    throw invalid(`it cannot be started: ${cause.json?.message ?? cause.message}`);
  });
  const timer = setTimeout(end, timeoutSeconds * 1000, `did not end within ${timeoutSeconds} s`);
  try {
    const { StatusCode } = await container.wait();
    await closed;
    if (problem) throw invalid(`info ${problem}`);
    if (StatusCode !== 0 && (await container.inspect()).State.OOMKilled) {
      throw invalid(`info used more than ${memoryBytes / 1024 / 1024} MB of memory`);
    }
    return { output: output.text(), error: error.text().trim().slice(-500), code: StatusCode };
  } finally {
    clearTimeout(timer);
  }
}

function invalid(message: string, hint = '`<program> info` must print its description as JSON'): Fault {
  return new Fault('plugin_invalid', message, { hint });
}
