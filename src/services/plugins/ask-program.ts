import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { pack } from 'tar-stream';
import { Fault } from '../../model/fault.ts';
import { CappedOutput } from './capped-output.ts';

const seconds = 10;
const mostOutput = 1024 * 1024;
const memory = 256 * 1024 * 1024;
const folder = '/plugin';

/**
 * What `<program> info` prints as JSON. It runs in a container without network, rights or anything to write to, for at most
 * 10 s with 256 MB and 1 MB of output. Throws `plugin_invalid` with what it said instead.
 */
export async function askProgram(docker: Docker, image: string, path: string): Promise<unknown> {
  const name = basename(path);
  const container = await docker.createContainer(cell(image, `${folder}/${name}`));
  try {
    await putProgram(container, path, name);
    const { output, error, code } = await run(docker, container);
    if (code !== 0) {
      const cannotRun = code === 126 || code === 127 || error.startsWith('exec /');
      const hint = `what runs it has to be in the runner's image, ${image}, which is made of BASE_IMAGE`;
      throw invalid(`${name} info ended with exit code ${code}: ${error || output}`, cannotRun ? hint : undefined);
    }
    try {
      return JSON.parse(output);
    } catch {
      throw invalid(`${name} info printed no JSON object but ${JSON.stringify(output.slice(0, 200))}`);
    }
  } finally {
    await container.remove({ force: true, v: true });
  }
}

function cell(image: string, program: string): ContainerCreateOptions {
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
      Memory: memory,
      MemorySwap: memory,
      PidsLimit: 64,
      NanoCpus: 1_000_000_000,
      LogConfig: { Type: 'none', Config: {} },
      Tmpfs: { '/tmp': 'size=16m' },
      // The engine takes files for a read-only container only into a volume; it goes with the container.
      Mounts: [{ Type: 'volume', Source: '', Target: folder, ReadOnly: false }],
    },
  };
}

async function putProgram(container: Container, path: string, name: string): Promise<void> {
  const archive = pack();
  const { size } = await stat(path);
  // A stream of streamx, whose types are not Node's.
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
    // One that has just ended needs no kill.
    container.kill().catch(() => {});
  };
  const output = new CappedOutput(mostOutput, () => end(`printed more than ${mostOutput / 1024} KB`));
  const error = new CappedOutput(mostOutput, () => end(`printed more than ${mostOutput / 1024} KB`));
  docker.modem.demuxStream(stream, output, error);
  const closed = new Promise((resolve) => stream.once('close', resolve).once('end', resolve));
  await container.start().catch((cause: Error & { json?: { message?: string } }) => {
    throw invalid(`it cannot be started: ${cause.json?.message ?? cause.message}`);
  });
  const timer = setTimeout(end, seconds * 1000, `did not end within ${seconds} s`);
  try {
    const { StatusCode } = await container.wait();
    await closed;
    if (problem) throw invalid(`info ${problem}`);
    if (StatusCode !== 0 && (await container.inspect()).State.OOMKilled) {
      throw invalid(`info used more than ${memory / 1024 / 1024} MB of memory`);
    }
    return { output: output.text(), error: error.text().trim().slice(-500), code: StatusCode };
  } finally {
    clearTimeout(timer);
  }
}

function invalid(message: string, hint = '`<program> info` must print its description as JSON'): Fault {
  return new Fault('plugin_invalid', message, { hint });
}
