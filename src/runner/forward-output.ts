import type { Readable } from 'node:stream';
import type { Tail } from './tail.ts';

/** Time without output after which a stream counts as ended although a process still holds it open. */
const idleTimeoutMs = 1_000;
/** Limit of the output after the program's end; more than a pipe or socket holds comes from a process that it left running. */
const maxLateBytes = 4 * 1024 * 1024;

/** A program's stream that is being forwarded. */
export interface ForwardedStream {
  /** Settles when the stream has ended and is completely written, with a newline at its end. */
  done: Promise<void>;
  /** Called when the program has ended: stops waiting for processes that hold the stream open. */
  settle(): void;
}

/** Forwards a stream with backpressure, byte by byte, and keeps its tail. */
export function forwardOutput(source: Readable, tail: Tail, write: (chunk: Buffer) => Promise<void>): ForwardedStream {
  let isLineOpen = false;
  /** Number of pending writes: after a program's end its streams flow even while they are paused. */
  let pendingWrites = 0;
  let written: Promise<unknown> = Promise.resolve();
  let settling = false;
  let lateBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    if (settling && pendingWrites === 0) timer = setTimeout(() => source.destroy(), idleTimeoutMs);
  };
  const done = new Promise<void>((resolve, reject) => {
    source.on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      isLineOpen = chunk.at(-1) !== 0x0a;
      tail.add(chunk);
      if (settling) lateBytes += chunk.length;
      if (lateBytes > maxLateBytes) source.destroy();
      pendingWrites += 1;
      source.pause();
      written = Promise.all([written, write(chunk)]);
      written.then(() => {
        pendingWrites -= 1;
        if (pendingWrites > 0) return;
        source.resume();
        wait();
      }, reject);
    });
    source.on('close', () => {
      clearTimeout(timer);
      // It may close while its last piece is still being written.
      written.then(() => (isLineOpen ? write(Buffer.from('\n')) : undefined)).then(resolve, reject);
    });
  });
  return {
    done,
    settle() {
      settling = true;
      wait();
    },
  };
}
