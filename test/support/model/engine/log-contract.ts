import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import type { RawLine } from '../../../../src/model/engine/runtime.ts';
import type { Bench } from './contract.ts';
import { ended, linesOf, never, newRun, running, stateOf, texts } from './runs.ts';

/** Returns a shell command that prints the letter x, without a newline. */
const letters = (count: number): string => `head -c ${count} /dev/zero | tr '\\0' x`;

/** Describes the contract of every runtime's logs. */
export function describeLogContract(bench: Bench): void {
  test('reads lines of any length whole and unchanged', async () => {
    const run = newRun();
    const lengths = [10_000, 16_383, 16_384, 16_385, 100_000, 1_000_000];
    const long = lengths.map((length) => `${letters(length)}; echo`).join('; ');
    const odd = `printf '\\n  two spaces \\r\\n10%%\\r99%%\\r\\r\\n\\n\\303\\244\\377ok\\n'; printf 'no newline'`;
    await bench.create(run, `${long}; ${odd}`);
    const state = await stateOf(bench.under.runtime, run, () => true);
    const lines = texts(await linesOf(bench.under.runtime.readLog(state, undefined, never)));
    expect(lines.slice(0, lengths.length).map((line) => line.length)).toEqual(lengths);
    expect(lines.slice(0, lengths.length).every((line) => /^x+$/.test(line))).toBe(true);
    expect(lines.slice(lengths.length)).toEqual([
      '',
      // A line may end with CRLF; carriage returns inside a line are kept.
      '  two spaces ',
      '10%\r99%',
      '',
      'ä\uFFFDok',
      'no newline',
    ]);
  });

  test('splits a line that exceeds the limit into pieces without a loss', async () => {
    const run = newRun();
    await bench.create(run, `${letters(2_500_000)}; echo; echo after`);
    const state = await stateOf(bench.under.runtime, run, () => true);
    const lines = texts(await linesOf(bench.under.runtime.readLog(state, undefined, never)));
    expect(lines.at(-1)).toBe('after');
    expect(lines.slice(0, -1).join('')).toBe('x'.repeat(2_500_000));
  });

  test('reads the lines from a timestamp on, in order, from 50 positions of a log of both streams', async () => {
    const run = newRun();
    // containerd logs a longer line in pieces, between which the kubelet inserts lines of the other stream.
    const last = bench.under.exactLogs ? 40_000 : 10_000;
    const script = `i=0; while [ $i -lt 1000 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done; ${letters(last)}`;
    await bench.create(run, script);
    const state = await stateOf(bench.under.runtime, run, ended);
    const all = await linesOf(bench.under.runtime.readLog(state, undefined, never));
    for (const kind of ['out', 'err']) {
      const numbers = texts(
        all.filter((line) => line.text.startsWith(kind) && (line.kind === kind || !bench.under.exactLogs)),
      );
      expect(numbers).toEqual(Array.from({ length: 1000 }, (_, index) => `${kind} ${index}`));
    }
    await Promise.all(
      Array.from({ length: 50 }, async (_, point) => {
        const since = all[(point * 1009) % all.length]?.at ?? '';
        const expected = all.filter(({ at }) => at >= since);
        expect(await linesOf(bench.under.runtime.readLog(state, since, never))).toEqual(expected);
      }),
    );
  });

  test('reads each line once when a log is followed over a crash and a restart', async () => {
    const run = newRun();
    const { runtime } = bench.under;
    const runner = await bench.create(run, 'i=0; while [ $i -lt 50 ]; do echo "line $i"; i=$((i+1)); done; sleep 60');
    let state = await stateOf(runtime, run, running);
    const first = await linesOf(runtime.readLog(state, undefined, never), (lines) =>
      lines.at(-1)?.text === 'line 49' ? bench.under.crash(runner) : undefined,
    );
    const life = Array.from({ length: 50 }, (_, index) => `line ${index}`);
    expect(texts(first)).toEqual(life);
    if (!runtime.restart) return;

    const { finishedAt = '' } = await stateOf(runtime, run, ended);
    await Promise.all([runtime.restart(runner, finishedAt), runtime.restart(runner, finishedAt)]);
    state = await stateOf(runtime, run, running);
    await runtime.restart(runner, finishedAt);
    const newest =
      first
        .map(({ at }) => at)
        .sort()
        .at(-1) ?? '';
    const known = first.filter(({ at }) => at >= newest).length;
    const stop = new AbortController();
    const second = await linesOf(runtime.readLog(state, newest, stop.signal), (lines) => {
      if (lines.at(-1)?.text === 'line 49' && lines.at(-1)?.at !== newest) stop.abort();
    });
    expect(texts(second.slice(known))).toEqual(life);
    await bench.under.crash(runner);
    const again = await stateOf(runtime, run, ended);
    await runtime.restart(runner, finishedAt);
    expect(await stateOf(runtime, run, () => true)).toEqual(again);
  });

  test('ends with the existing lines when a log is not followed', async () => {
    const run = newRun();
    await bench.create(run, 'echo one; echo two; sleep 60');
    const state = await stateOf(bench.under.runtime, run, running);
    const stop = new AbortController();
    await linesOf(bench.under.runtime.readLog(state, undefined, stop.signal), (lines) => {
      if (lines.at(-1)?.text === 'two') stop.abort();
    });
    const lines = await linesOf(bench.under.runtime.readLog(state, undefined, never, { follow: false }));
    expect(texts(lines)).toEqual(['one', 'two']);
  });

  test('stops following a quiet log when aborted or when its loop is left', async () => {
    const run = newRun();
    await bench.create(run, 'echo one; sleep 60');
    const state = await stateOf(bench.under.runtime, run, running);
    const stop = new AbortController();
    const seen = await linesOf(bench.under.runtime.readLog(state, undefined, stop.signal), () => stop.abort());
    for await (const _lines of bench.under.runtime.readLog(state, undefined, never)) break;
    expect(texts(seen)).toEqual(['one']);
    expect(await linesOf(bench.under.runtime.readLog(state, undefined, stop.signal))).toEqual([]);
  });

  test('reads no lines of a removed container', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'echo one');
    const state = await stateOf(bench.under.runtime, run, ended);
    await bench.under.remove(runner);
    expect(await linesOf(bench.under.runtime.readLog(state, undefined, never))).toEqual([]);
  });

  test('reads a long log completely, in order, and does not buffer it for a slow reader', async () => {
    const run = newRun();
    // Below 10 MB, at which the kubelet rotates by default.
    const count = bench.under.exactLogs ? 200_000 : 20_000;
    await bench.create(run, `awk 'BEGIN { for (i = 0; i < ${count}; i++) printf "%d %0300d\\n", i, 0 }'`);
    const state = await stateOf(bench.under.runtime, run, () => true);
    const before = usedMemory();
    let next = 0;
    let wrong: RawLine | undefined;
    let usedBytes = 0;
    for await (const lines of bench.under.runtime.readLog(state, undefined, never)) {
      for (const line of lines) {
        if (!line.text.startsWith(`${next} `) || line.text.length < 300) wrong ??= line;
        next += 1;
      }
      if (next > count / 4 && usedBytes === 0) {
        // The runner ends while its log is not read.
        await stateOf(bench.under.runtime, run, ended);
        usedBytes = usedMemory() - before;
      }
    }
    expect({ next, wrong }).toEqual({ next: count, wrong: undefined });
    // Buffered, the unread three quarters would be more than twice this; a cluster's shorter log fits into its pipes.
    if (bench.under.exactLogs) expect(usedBytes).toBeLessThan((count * 300) / 3);
  });
}

/** Returns the bytes in use after a garbage collection. */
function usedMemory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
