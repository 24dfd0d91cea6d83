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
  let writing = false;
  let settling = false;
  let late = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    if (settling && !writing) timer = setTimeout(() => source.destroy(), lingering);
  };
  const done = new Promise<void>((resolve, reject) => {
    source.on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      unfinished = chunk.at(-1) !== 0x0a;
      tail.add(chunk);
      if (settling) late += chunk.length;
      if (late > backlog) source.destroy();
      writing = true;
      source.pause();
      write(chunk).then(() => {
        writing = false;
        source.resume();
        wait();
      }, reject);
    });
    source.on('close', () => {
      clearTimeout(timer);
      if (unfinished) write(Buffer.from('\n')).then(resolve, reject);
      else resolve();
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
