import { describe, expect, test } from '@jest/globals';
import { splitFrames } from '../../../src/adapters/docker/frames.ts';
import { LineJoiner, maxLineBytes } from '../../../src/model/engine/lines.ts';
import type { RawLine } from '../../../src/model/engine/runtime.ts';

const at = (second: number): string => `2026-11-23T10:00:0${second}.000000000Z`;

type Piece = [kind: 'out' | 'err', second: number, text: string | Buffer];

function join(pieces: readonly Piece[]): { early: RawLine[]; all: RawLine[] } {
  const joiner = new LineJoiner();
  const early: RawLine[] = [];
  for (const [kind, second, text] of pieces) joiner.push({ kind, at: at(second), bytes: Buffer.from(text) }, early);
  return { early, all: [...early, ...joiner.end()] };
}
const shown = (lines: readonly RawLine[]): string[] => lines.map((line) => `${line.kind} ${line.at[18]} ${line.text}`);

describe('joining frames to lines', () => {
  test('joins frames of each stream, in the order in which the lines began', () => {
    const { early, all } = join([
      ['out', 1, 'a'],
      ['err', 2, 'x'],
      ['out', 1, 'b\n'],
      ['err', 3, 'never ended'],
      ['out', 4, 'c\n'],
    ]);
    expect(shown(early)).toEqual(['out 1 ab', 'err 2 x']);
    expect(shown(all)).toEqual(['out 1 ab', 'err 2 x', 'err 3 never ended', 'out 4 c']);
  });

  test('removes LF or CRLF from a line of one or several frames', () => {
    const { all } = join([
      ['out', 1, 'dos\r\n'],
      ['out', 2, 'cut here\r'],
      ['out', 2, '\n'],
      ['err', 3, '10%\r100%\r\r\n'],
      ['out', 4, '\r\n'],
      ['out', 5, 'no newline\r'],
    ]);
    expect(all.map(({ text }) => text)).toEqual(['dos', 'cut here', '10%\r100%', '', 'no newline']);
  });

  test('separates unfinished lines of two starts of a container', () => {
    const { all } = join([
      ['out', 1, 'no newline'],
      ['out', 2, 'second life\n'],
    ]);
    expect(shown(all)).toEqual(['out 1 no newline', 'out 2 second life']);
  });

  test('splits a line beyond the maximum length between characters without loss', () => {
    const text = 'ä€😀x'.repeat(250_000);
    const bytes = Buffer.from(text);
    const pieces: Piece[] = [];
    for (let start = 0; start < bytes.length; start += 16_383) {
      pieces.push(['out', 1, bytes.subarray(start, start + 16_383)]);
    }
    const { all } = join([...pieces, ['out', 1, '\n'], ['out', 2, 'after\n']]);
    const long = all.slice(0, -1);
    expect(long.map((line) => line.text).join('')).toBe(text);
    expect(long).toHaveLength(3);
    expect(Math.max(...long.map((line) => Buffer.byteLength(line.text)))).toBeLessThanOrEqual(maxLineBytes);
    expect(shown(all.slice(-1))).toEqual(['out 2 after']);
  });

  test('limits how long an unfinished line delays the other stream', () => {
    const joiner = new LineJoiner();
    const done: RawLine[] = [];
    joiner.push({ kind: 'out', at: at(1), bytes: Buffer.from('begun') }, done);
    const line = Buffer.from(`${'e'.repeat(999)}\n`);
    for (let count = 0; count < 5000; count += 1) joiner.push({ kind: 'err', at: at(2), bytes: line }, done);
    expect(done.length).toBeGreaterThan(4000);
    expect(done[0]).toEqual({ kind: 'out', at: at(1), text: 'begun' });
    joiner.push({ kind: 'out', at: at(1), bytes: Buffer.from(' and ended\n') }, done);
    expect(done.filter(({ kind }) => kind === 'out').map(({ text }) => text)).toEqual(['begun', ' and ended']);
    expect(done).toHaveLength(5002);
    expect(joiner.end()).toEqual([]);
  });
});

describe('the stream of the engine', () => {
  const packet = (type: number, text: string): Buffer => {
    const header = Buffer.alloc(8);
    header[0] = type;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  async function* chunks(data: Buffer, size: number): AsyncGenerator<Buffer> {
    for (let start = 0; start < data.length; start += size) yield data.subarray(start, start + size);
  }

  test.each([1, 7, 38, 1000])('is parsed equally in chunks of %d bytes', async (size) => {
    const data = Buffer.concat([packet(1, `${at(1)} one\n`), packet(2, `${at(2)} \n`), packet(1, `${at(3)} a b`)]);
    const found: string[] = [];
    for await (const batch of splitFrames(chunks(data, size))) {
      found.push(...batch.map((frame) => `${frame.kind} ${frame.at[18]} ${frame.bytes}`));
    }
    expect(found).toEqual(['out 1 one\n', 'err 2 \n', 'out 3 a b']);
  });

  test('throws an error that the engine sends in the stream', async () => {
    const reading = async (): Promise<void> => {
      for await (const _batch of splitFrames(chunks(packet(3, 'error grabbing logs: disk on fire\n'), 1000)));
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: expect.stringContaining('disk on fire'),
    });
  });
});
