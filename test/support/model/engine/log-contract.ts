import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import type { RawLine } from '../../../../src/model/engine/runtime.ts';
import type { Bench } from './contract.ts';
import { ended, linesOf, never, newRun, running, stateOf, texts } from './runs.ts';

/** Some kilobytes of the letter x, without a newline. */
const letters = (count: number): string => `head -c ${count} /dev/zero | tr '\\0' x`;

/** What every runtime promises about logs. */
export function describeLogContract(bench: Bench): void {
  test('lines of any length come whole, and as they are', async () => {
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
      // Lines may end with CRLF; carriage returns inside a line are its own.
      '  two spaces ',
      '10%\r99%',
      '',
      'ä\uFFFDok',
      'no newline',
    ]);
  });

  test('a line beyond the longest comes in pieces that are nothing but the line', async () => {
    const run = newRun();
    await bench.create(run, `${letters(2_500_000)}; echo; echo after`);
    const state = await stateOf(bench.under.runtime, run, () => true);
    const lines = texts(await linesOf(bench.under.runtime.readLog(state, undefined, never)));
    expect(lines.at(-1)).toBe('after');
    expect(lines.slice(0, -1).join('')).toBe('x'.repeat(2_500_000));
  });

  test('from 50 places in a log of both streams, `since` gives the lines from that stamp on, in order', async () => {
    const run = newRun();
    // containerd logs a longer line in pieces, and between them a line of the other stream, which the kubelet puts inside it.
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

  test('a log is followed over a crash and a restart, each line once', async () => {
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

  test('without following, a log ends with what is there', async () => {
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

  test('an abort, or leaving the loop, ends the following of a quiet log', async () => {
    const run = newRun();
    await bench.create(run, 'echo one; sleep 60');
    const state = await stateOf(bench.under.runtime, run, running);
    const stop = new AbortController();
    const seen = await linesOf(bench.under.runtime.readLog(state, undefined, stop.signal), () => stop.abort());
    for await (const _lines of bench.under.runtime.readLog(state, undefined, never)) break;
    expect(texts(seen)).toEqual(['one']);
    expect(await linesOf(bench.under.runtime.readLog(state, undefined, stop.signal))).toEqual([]);
  });

  test('a container that is gone has no lines', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'echo one');
    const state = await stateOf(bench.under.runtime, run, ended);
    await bench.under.remove(runner);
    expect(await linesOf(bench.under.runtime.readLog(state, undefined, never))).toEqual([]);
  });

  test('a long log is all there, in order, and does not pile up for a slow reader', async () => {
    const run = newRun();
    // Before the kubelet cuts it off, which it does at 10 MB by default.
    const count = bench.under.exactLogs ? 200_000 : 20_000;
    await bench.create(run, `awk 'BEGIN { for (i = 0; i < ${count}; i++) printf "%d %0300d\\n", i, 0 }'`);
    const state = await stateOf(bench.under.runtime, run, () => true);
    const before = usedMemory();
    let next = 0;
    let wrong: RawLine | undefined;
    let most = 0;
    for await (const lines of bench.under.runtime.readLog(state, undefined, never)) {
      for (const line of lines) {
        if (!line.text.startsWith(`${next} `) || line.text.length < 300) wrong ??= line;
        next += 1;
      }
      if (next > count / 4 && most === 0) {
        // The runner ends while nobody reads.
        await stateOf(bench.under.runtime, run, ended);
        most = usedMemory() - before;
      }
    }
    expect({ next, wrong }).toEqual({ next: count, wrong: undefined });
    // Piled up, the three quarters unread would be more than twice this; a cluster's shorter log fits into its pipes.
    if (bench.under.exactLogs) expect(most).toBeLessThan((count * 300) / 3);
  });
}

/** Bytes in use after garbage was collected. */
function usedMemory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
