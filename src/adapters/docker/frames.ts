import type { Frame } from '../../model/engine/lines.ts';
import { Fault } from '../../model/fault.ts';

const headerBytes = 8;
const timestampBytes = 30;

/** Splits the engine's multiplexed stream with timestamps into frames (Docker Engine API, ContainerAttach). */
export async function* splitFrames(stream: AsyncIterable<Buffer>): AsyncGenerator<Frame[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const found: Frame[] = [];
    let at = 0;
    while (data.length - at >= headerBytes) {
      const start = at + headerBytes;
      const end = start + data.readUInt32BE(at + 4);
      if (end > data.length) break;
      found.push(parseFrame(data[at], data.subarray(start, end)));
      at = end;
    }
    rest = data.subarray(at);
    if (found.length > 0) yield found;
  }
}

function parseFrame(type: number | undefined, data: Buffer): Frame {
  if (type === 1 || type === 2) {
    const at = data.toString('latin1', 0, timestampBytes);
    return { kind: type === 1 ? 'out' : 'err', at, bytes: data.subarray(timestampBytes + 1) };
  }
  // Type 3 carries an error of the engine itself.
  throw new Fault('engine_unavailable', `the Docker engine cannot read the log: ${data.toString('utf8').trim()}`);
}
