import { Readable } from 'node:stream';
import type { Container } from 'dockerode';
import { splitFrames } from './frames.ts';

const maxLines = 20;

/** Returns the last lines of a container's log, at most 2,000 characters, for a message. */
export async function readLastLines(container: Container): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, timestamps: true, tail: maxLines });
  let text = '';
  for await (const batch of splitFrames(Readable.from([log]))) {
    for (const { bytes } of batch) text += bytes.toString('utf8');
  }
  return text.trimEnd().slice(-2000);
}
