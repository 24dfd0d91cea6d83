import { Readable } from 'node:stream';
import type { Container } from 'dockerode';
import { frames } from './frames.ts';

const lines = 20;

/** The last lines of a container's log, for a message. */
export async function lastLines(container: Container): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, timestamps: true, tail: lines });
  let text = '';
  for await (const batch of frames(Readable.from([log]))) {
    for (const { bytes } of batch) text += bytes.toString('utf8');
  }
  return text.trimEnd().slice(-2000);
}
