import type Docker from 'dockerode';

/** Timeout of the registry's first response through the engine: connect (3 s), sign in, manifest. */
const firstResponseTimeoutMs = 5000;
const idleTimeoutMs = 30_000;

/** Pulls `image` (name:tag) through the engine. Returns the reason of a failure, else undefined. */
export async function pullImage(docker: Docker, image: string): Promise<string | undefined> {
  const colon = image.lastIndexOf(':');
  const [fromImage, tag] = [image.slice(0, colon), image.slice(colon + 1)];
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), firstResponseTimeoutMs);
  try {
    const stream = await docker.createImage({ fromImage, tag, abortSignal: abort.signal });
    let output = '';
    for await (const chunk of stream) {
      output = (output + chunk).slice(-4096);
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), idleTimeoutMs);
    }
    return /"error":"([^"]*)"/.exec(output)?.[1];
  } catch (error) {
    return abort.signal.aborted ? 'no response from the registry' : formatOneLine(error);
  } finally {
    clearTimeout(timer);
  }
}

function formatOneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s+/g, ' ').trim().slice(0, 160);
}
