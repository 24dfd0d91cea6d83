import type { Readable } from 'node:stream';

/** Milliseconds without output after which a pipe is let go that a process outside of the script's group keeps open. */
const settling = 5_000;

/** What comes out, until all writers have closed it, or the script has ended and nothing comes any more. */
export async function* readOutput(stream: Readable, ended: Promise<void>): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let settle: NodeJS.Timeout | undefined;
  let over = false;
  const wait = (): void => {
    clearTimeout(settle);
    settle = setTimeout(() => stream.destroy(), settling);
  };
  ended.then(
    () => {
      over = true;
      wait();
    },
    (error: Error) => stream.destroy(error),
  );
  try {
    for await (const piece of stream) {
      if (over) wait();
      yield String(piece);
    }
  } catch (error) {
    if (!over || (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    over = false;
    clearTimeout(settle);
  }
}
