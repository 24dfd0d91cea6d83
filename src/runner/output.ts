import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Marker } from '../model/marker.ts';
import type { SignMarker } from '../model/marker-signature.ts';
import type { Mask } from '../model/mask.ts';
import { maskMarker } from '../model/mask-marker.ts';
import type { OnStepWait } from '../model/waiting.ts';
import { WholeLines } from './whole-lines.ts';

type Body<M> = M extends unknown ? Omit<M, 'mark' | 'at' | 'key' | 'seq'> : never;
/** A marker before it gets the attempt's mark and its time. */
export type MarkerBody = Body<Marker>;

/** Where a step prints. Each write resolves once the system has taken it, so that a slow reader slows the step. */
export interface StepOutput {
  /** A piece of a program's stream, that program's alone; it is written line by line. */
  write(stream: 'out' | 'err', chunk: Uint8Array | string): Promise<void>;
  /** A line of a step that runs inside the runner. */
  print(line: string): Promise<void>;
  /** Tells what the step waits for from now on, or that it goes on. */
  tellWait: OnStepWait;
}

/** The runner's log: what its steps print, and its markers. */
export interface Output {
  of(instance: string): StepOutput;
  /** A marker as it was made. */
  repeat(marker: Marker): Promise<void>;
}

export interface Outlets {
  /** Of the attempt's markers. */
  mark: string;
  sign: SignMarker;
  out: Writable;
  err: Writable;
  /** Hides secrets in all that is printed. */
  mask: Mask;
}

/** Milliseconds that a step has the log to itself, so that the lines of steps that run side by side come in runs. */
const turn = 100;

/**
 * Writes whole lines, so that what one step prints never ends up in another's line or in a marker. Who prints while
 * another step has the log waits for its turn and says it by a marker. Give the same stream twice where an engine mixes the
 * two: containerd logs a long line in pieces, between which the kubelet shows those of the other stream.
 */
export function createOutput({ mark, sign, out, err, mask }: Outlets): Output {
  let owner: string | undefined;
  let until = 0;
  const write = (stream: Writable, chunk: string): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  const say = (marker: Marker): Promise<void> => write(out, `${sign(marker)}\n`);
  const take = (instance: string | undefined): void => {
    owner = instance;
    until = Date.now() + turn;
  };
  const writeLines = async (instance: string, stream: Writable, lines: string): Promise<void> => {
    while (owner !== undefined && owner !== instance && Date.now() < until) await setTimeout(until - Date.now());
    if (owner === instance) return write(stream, lines);
    take(instance);
    await Promise.all([say(stamp({ brightbird: 'step.lines', instance }, mark)), write(stream, lines)]);
  };
  return {
    of(instance) {
      const lines = { out: new WholeLines(), err: new WholeLines() };
      let last: Promise<void> = Promise.resolve();
      const inOrder = (stream: Writable, text: Buffer | string): Promise<void> => {
        last = last.then(() => writeLines(instance, stream, mask(text.toString())));
        return last;
      };
      return {
        write(kind, chunk) {
          const whole = lines[kind].push(chunk);
          return whole.length > 0 ? inOrder(kind === 'out' ? out : err, whole) : Promise.resolve();
        },
        print: (line) => inOrder(out, `${line}\n`),
        tellWait: (wait) =>
          say(maskMarker(stamp({ brightbird: 'step.waiting', instance, ...(wait && { wait }) }, mark), mask)),
      };
    },
    repeat(marker) {
      if (marker.brightbird === 'step.start') take(marker.instance);
      if (marker.brightbird === 'step.end' && marker.instance === owner) take(undefined);
      return say(maskMarker(marker, mask));
    },
  };
}

/** The whole marker; `brightbird` comes first, by which readers know markers from other lines. */
export function stamp(body: MarkerBody, mark: string): Marker {
  const { brightbird, ...rest } = body;
  return { brightbird, mark, at: new Date().toISOString(), ...rest } as Marker;
}
