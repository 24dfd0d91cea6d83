import type { Readable } from 'node:stream';
import type { Tail } from './tail.ts';

/** Milliseconds without output after which a stream counts as ended although a process still holds it open. */
const lingering = 1_000;
/** Bytes that may come after the program's end; more than a pipe or socket holds comes from a process it left behind. */
const backlog = 4 * 1024 * 1024;

/** A stream of a program that is being passed on. */
export interface Passing {
  /** Settles when the stream has ended and all of it is written; its last line is ended. */
  done: Promise<void>;
  /** The program has ended: no longer waits for processes that hold the stream open. */
  settle(): void;
}

/** Passes a stream on byte by byte, no faster than it is taken, and keeps its tail. */
export function passOn(source: Readable, tail: Tail, write: (chunk: Buffer) => Promise<void>): Passing {
  let unfinished = false;
  /** Pieces that are being written: a program's end lets its streams flow even while they are paused. */
  let writing = 0;
  let written: Promise<unknown> = Promise.resolve();
  let settling = false;
  let late = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    if (settling && writing === 0) timer = setTimeout(() => source.destroy(), lingering);
  };
  const done = new Promise<void>((resolve, reject) => {
    source.on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      unfinished = chunk.at(-1) !== 0x0a;
      tail.add(chunk);
      if (settling) late += chunk.length;
      if (late > backlog) source.destroy();
      writing += 1;
      source.pause();
      written = Promise.all([written, write(chunk)]);
      written.then(() => {
        writing -= 1;
        if (writing > 0) return;
        source.resume();
        wait();
      }, reject);
    });
    source.on('close', () => {
      clearTimeout(timer);
      // It may close while what it gave last is still being written.
      written.then(() => (unfinished ? write(Buffer.from('\n')) : undefined)).then(resolve, reject);
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
