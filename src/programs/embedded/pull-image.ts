import type Docker from 'dockerode';

/** The registry's first answer, through the engine: connect (3 s), sign in, manifest. */
const firstAnswer = 5000;
const silence = 30_000;

/** Has the engine pull `image`, a name with a tag; undefined when that worked, else why not. Gives up after 5 s without any answer. */
export async function pullImage(docker: Docker, image: string): Promise<string | undefined> {
  const colon = image.lastIndexOf(':');
  const [fromImage, tag] = [image.slice(0, colon), image.slice(colon + 1)];
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), firstAnswer);
  try {
    const stream = await docker.createImage({ fromImage, tag, abortSignal: abort.signal });
    let output = '';
    for await (const chunk of stream) {
      output = (output + chunk).slice(-4096);
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), silence);
    }
    return /"error":"([^"]*)"/.exec(output)?.[1];
  } catch (error) {
    return abort.signal.aborted ? 'no answer from the registry' : oneLine(error);
  } finally {
    clearTimeout(timer);
  }
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s+/g, ' ').trim().slice(0, 160);
}
