import type { Readable } from 'node:stream';

/** Time without output after which a pipe is closed that a process outside of the script's group keeps open. */
const idleTimeoutMs = 5_000;

/** Reads output until all writers have closed the stream, or until the script has ended and the stream is idle. */
export async function* readOutput(stream: Readable, ended: Promise<void>): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stream.destroy(), idleTimeoutMs);
  };
  ended.then(
    () => {
      hasEnded = true;
      wait();
    },
    (error: Error) => stream.destroy(error),
  );
  try {
    for await (const piece of stream) {
      if (hasEnded) wait();
      yield String(piece);
    }
  } catch (error) {
    if (!hasEnded || (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    hasEnded = false;
    clearTimeout(timer);
  }
}
