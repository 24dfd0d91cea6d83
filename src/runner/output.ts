import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Marker } from '../model/marker.ts';
import type { SignMarker } from '../model/marker-signature.ts';
import type { Mask } from '../model/mask.ts';
import { maskMarker } from '../model/mask-marker.ts';
import type { OnStepWait } from '../model/waiting.ts';
import { LineBuffer } from './line-buffer.ts';

type Body<M> = M extends unknown ? Omit<M, 'mark' | 'at' | 'key' | 'seq'> : never;
/** A marker without the attempt's mark and its time. */
export type MarkerBody = Body<Marker>;

/** Output of a step. Each write resolves when the system has accepted it, so that a slow reader slows the step. */
export interface StepOutput {
  /** Writes a piece of the stream of the step's only program, line by line. */
  write(stream: 'out' | 'err', chunk: Uint8Array | string): Promise<void>;
  /** Prints a line of a step that runs inside the runner. */
  print(line: string): Promise<void>;
  /** Reports the reason that the step waits, or that it continues. */
  tellWait: OnStepWait;
}

/** The runner's log: the output of its steps, and its markers. */
export interface Output {
  of(instance: string): StepOutput;
  /** Writes a complete marker. */
  writeMarker(marker: Marker): Promise<void>;
}

export interface OutputOptions {
  /** Mark of the attempt's markers. */
  mark: string;
  sign: SignMarker;
  out: Writable;
  err: Writable;
  /** Hides secrets in all output. */
  mask: Mask;
}

/** Time that a step owns the log, so that the lines of parallel steps are grouped. */
const turnMs = 100;

/**
 * Creates an output that writes whole lines, so that the output of steps and markers is never mixed within a line. A step waits
 * while another one owns the log, and announces its turn by a marker. Pass the same stream twice when the engine mixes both:
 * containerd logs a long line in pieces, between which the kubelet shows pieces of the other stream.
 */
export function createOutput({ mark, sign, out, err, mask }: OutputOptions): Output {
  let owner: string | undefined;
  let turnEndsAt = 0;
  const write = (stream: Writable, chunk: string): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  const writeSigned = (marker: Marker): Promise<void> => write(out, `${sign(marker)}\n`);
  const takeTurn = (instance: string | undefined): void => {
    owner = instance;
    turnEndsAt = Date.now() + turnMs;
  };
  const writeLines = async (instance: string, stream: Writable, lines: string): Promise<void> => {
    while (owner !== undefined && owner !== instance && Date.now() < turnEndsAt)
      await setTimeout(turnEndsAt - Date.now());
    if (owner === instance) return write(stream, lines);
    takeTurn(instance);
    await Promise.all([writeSigned(createMarker({ brightbird: 'step.lines', instance }, mark)), write(stream, lines)]);
  };
  return {
    of(instance) {
      const lines = { out: new LineBuffer(), err: new LineBuffer() };
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
          writeSigned(
            maskMarker(createMarker({ brightbird: 'step.waiting', instance, ...(wait && { wait }) }, mark), mask),
          ),
      };
    },
    writeMarker(marker) {
      if (marker.brightbird === 'step.start') takeTurn(marker.instance);
      if (marker.brightbird === 'step.end' && marker.instance === owner) takeTurn(undefined);
      return writeSigned(maskMarker(marker, mask));
    },
  };
}

/** Returns the complete marker; `brightbird` comes first, so that readers can tell markers from other lines. */
export function createMarker(body: MarkerBody, mark: string): Marker {
  const { brightbird, ...rest } = body;
  return { brightbird, mark, at: new Date().toISOString(), ...rest } as Marker;
}
