import type { Writable } from 'node:stream';
import type { Marker } from '../model/marker.ts';

type Body<M> = M extends unknown ? Omit<M, 'mark' | 'at'> : never;
/** A marker before it gets the attempt's mark and its time. */
export type MarkerBody = Body<Marker>;

/** The runner's own stdout and stderr. Each write resolves once the system has taken it, so that a slow reader slows the step. */
export interface Output {
  write(stream: 'out' | 'err', chunk: Uint8Array | string): Promise<void>;
  /** A line of a step that runs inside the runner. */
  print(line: string): Promise<void>;
  /** A marker as it was printed before. */
  repeat(marker: Marker): Promise<void>;
}

/** Writes to the given streams, by default those of this process. */
export function createOutput(out: Writable = process.stdout, err: Writable = process.stderr): Output {
  const write = (stream: Writable, chunk: Uint8Array | string): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  return {
    write: (stream, chunk) => write(stream === 'out' ? out : err, chunk),
    print: (line) => write(out, `${line}\n`),
    repeat: (marker) => write(out, `${JSON.stringify(marker)}\n`),
  };
}

/** The whole marker; `brightbird` comes first, by which readers know markers from other lines. */
export function stamp(body: MarkerBody, mark: string): Marker {
  const { brightbird, ...rest } = body;
  return { brightbird, mark, at: new Date().toISOString(), ...rest } as Marker;
}
