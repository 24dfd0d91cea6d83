import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunnerRef, RunnerSpec, Runtime } from '../../../../src/model/engine/runtime.ts';
import type { RunIdentity } from '../../../../src/model/run.ts';
import type { RuntimeWait } from '../../../../src/model/waiting.ts';
import type { Way } from '../../jest/way.ts';
import { ended, linesOf, never, newRun, type SpecChanges, shellSpec, stateOf, texts } from './runs.ts';

/** A runtime that reaches its engine over a way that can be broken, and one that reaches it directly. */
export interface RuntimeOverWay {
  runtime: Runtime;
  direct: Runtime;
  way: Way;
  /** Image with a shell and busybox. */
  image: string;
  namespace: string;
  /** The setting that a fault names. */
  setting: string;
  close(): Promise<void>;
}

/** What the tests of a runtime have: a run of its own each, which is cleaned up after it. */
export interface BrokenBench extends RuntimeOverWay {
  run: RunIdentity;
  spec(script: string, changes?: SpecChanges): RunnerSpec;
  create(script: string, changes?: SpecChanges): Promise<RunnerRef>;
}

/** What every runtime promises over a connection that breaks; `more` adds tests of one of them. */
export function describeBrokenContract(
  name: string,
  start: () => Promise<RuntimeOverWay>,
  more: (bench: BrokenBench) => void,
): void {
  describe(name, () => {
    const bench = { run: newRun() } as BrokenBench;
    beforeAll(async () => {
      const { image, namespace, direct } = Object.assign(bench, await start());
      bench.spec = (script, changes) => shellSpec(bench.run, image, script, { namespace, ...changes });
      bench.create = (script, changes) => direct.createRunner(bench.spec(script, changes), never);
    });
    afterEach(async () => {
      expect(await bench.direct.cleanup({ testId: bench.run.testId }, never)).toEqual([]);
      bench.run = newRun();
    });
    afterAll(async () => {
      await bench.way.down();
      await bench.close();
    });

    test('a log whose connection breaks again and again has each line once', async () => {
      const { direct, runtime, way, run } = bench;
      const paced = 'i=0; while [ $i -lt 3000 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done';
      await bench.create(`${paced}; sleep 1; ${paced}; sleep 1; ${paced}`);
      const state = await stateOf(direct, run, () => true);
      let read = 0;
      let cuts = 0;
      const lines = await linesOf(runtime.readLog(state, undefined, never), (batch) => {
        read += batch.length;
        if (read < cuts * 3000 + 1000) return;
        cuts += 1;
        way.cut();
      });
      expect(cuts).toBeGreaterThan(3);
      expect(lines).toEqual(await linesOf(direct.readLog(state, undefined, never)));
      expect(lines).toHaveLength(18_000);
    });

    test('a watch goes on', async () => {
      const { direct, runtime, way, run } = bench;
      const runner = await bench.create('sleep 60', { pod: { terminationGracePeriodSeconds: 0 } });
      for await (const state of runtime.watch(run, never)) {
        if (!state.running) break;
        way.cut();
        await direct.stop(runner);
      }
      expect(await stateOf(direct, run, () => true)).toMatchObject({ running: false });
    });

    test('what comes back in time was only waited for', async () => {
      const { direct, runtime, way, run } = bench;
      await bench.create('echo one');
      const state = await stateOf(direct, run, ended);
      await way.down();
      const reading = linesOf(runtime.readLog(state, undefined, never));
      const watching = stateOf(runtime, run, () => true);
      await way.up();
      expect(texts(await reading)).toEqual(['one']);
      expect(await watching).toEqual(state);
    });

    test('a watch tells while its engine does not answer, and when it does again', async () => {
      const { runtime, way, run } = bench;
      await bench.create('sleep 60');
      const stop = new AbortController();
      const told: string[] = [];
      const onWaits = (waits: readonly RuntimeWait[]): void => {
        const now = waits.map(({ reason }) => reason).join() || 'nothing';
        if (now === told.at(-1)) return;
        told.push(now);
        if (now === 'engine_unavailable') way.up().catch(() => stop.abort());
        else if (told.includes('engine_unavailable')) stop.abort();
      };
      for await (const state of runtime.watch(run, stop.signal, onWaits)) if (state.running) await way.down();
      expect(told.slice(-3)).toEqual(['nothing', 'engine_unavailable', 'nothing']);
    });

    test('what stays away is a fault of every call', async () => {
      const { direct, runtime, way, run, setting } = bench;
      const runner = await bench.create('echo one');
      const state = await stateOf(direct, run, ended);
      await way.down();
      const calls: Promise<unknown>[] = [
        linesOf(runtime.readLog(state, undefined, never)),
        stateOf(runtime, run, () => true),
        runtime.createRunner(bench.spec('echo one'), never),
        ...(runtime.restart ? [runtime.restart(runner, state.finishedAt ?? '')] : []),
        runtime.stop(runner),
        runtime.cleanup({ testId: run.testId }, never),
        runtime.objects(run.testId),
      ];
      const results = await Promise.allSettled(calls);
      await way.up();
      const fault = expect.objectContaining({ code: 'engine_unavailable', hint: expect.stringContaining(setting) });
      expect(results).toEqual(calls.map(() => ({ status: 'rejected', reason: fault })));
    });

    more(bench);
  });
}
