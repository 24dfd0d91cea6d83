import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import { Fault } from '../../../model/fault.ts';
import type { BuilderRequest } from '../../../model/ports/build-scripts.ts';
import { uniqueName } from '../../files/stale-files.ts';
import { engineFault, statusOf } from '../engine-fault.ts';
import { createBuilder, fillBuilder, removeContainer, takeContext } from './builder-container.ts';
import { ScriptProgress } from './script-progress.ts';

/**
 * Runs a build script in a container of the builder's image. Returns the path of a tar file with the resulting build context,
 * beside that of the sources. The container ends with an abort and with this process. Faults: build_failed with the failed
 * command and its last lines, image_missing of the builder, engine_unavailable.
 */
export async function runInBuilder(docker: Docker, request: BuilderRequest): Promise<string> {
  const { builder, script, mask, signal } = request;
  signal.throwIfAborted();
  const progress = new ScriptProgress(mask);
  const contextPath = join(dirname(request.tarPath), `context-${uniqueName()}.tar`);
  let container: Container | undefined;
  try {
    container = await createBuilder(docker, request);
    await fillBuilder(container, request.tarPath, progress.addTracing(script));
    await runContainer(docker, container, progress, request);
    await takeContext(container, request.context, contextPath);
    return contextPath;
  } catch (error) {
    await rm(contextPath, { force: true });
    signal.throwIfAborted();
    if (error instanceof Fault) throw error;
    if (statusOf(error) === undefined || (statusOf(error) ?? 0) >= 500) throw engineFault(`running ${builder}`, error);
    throw new Fault(
      'build_failed',
      `cannot run the builder ${builder}: ${error instanceof Error ? error.message : error}`,
      {
        hint: 'build.builder must be an image with sh, and build.context a folder that exists when the script has ended.',
        cause: error,
      },
    );
  } finally {
    if (container) await removeContainer(container);
  }
}

async function runContainer(
  docker: Docker,
  container: Container,
  progress: ScriptProgress,
  { image, onOutput, signal }: BuilderRequest,
): Promise<void> {
  // The container ends when its standard input is closed, also by the end of this process.
  const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
  const text = new PassThrough({ encoding: 'utf8' });
  docker.modem.demuxStream(stream, text, text);
  stream
    .once('end', () => text.end())
    .once('close', () => text.end())
    .once('error', (error) => text.destroy(error));
  const stop = (): void => {
    container.kill().catch(() => {});
  };
  signal.addEventListener('abort', stop);
  try {
    await container.start();
    if (signal.aborted) stop();
    for await (const piece of text) for (const line of progress.take(String(piece))) await onOutput(line);
    for (const line of progress.end()) await onOutput(line);
    const { StatusCode: code } = await container.wait();
    signal.throwIfAborted();
    if (code !== 0) throw progress.fault(image, `it ended with exit code ${code}`);
  } finally {
    signal.removeEventListener('abort', stop);
    stream.end();
  }
}
