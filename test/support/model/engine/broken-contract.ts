import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunnerRef, RunnerSpec, Runtime } from '../../../../src/model/engine/runtime.ts';
import type { RunIdentity } from '../../../../src/model/run.ts';
import type { RuntimeWait } from '../../../../src/model/waiting.ts';
import type { Way } from '../../jest/way.ts';
import { ended, linesOf, never, newRun, type SpecChanges, shellSpec, stateOf, texts } from './runs.ts';

/** Runtime that reaches its engine over a breakable proxy, and one that reaches it directly. */
export interface ProxiedRuntime {
  runtime: Runtime;
  direct: Runtime;
  proxy: Way;
  /** Image with a shell and busybox. */
  image: string;
  namespace: string;
  /** Setting that a fault names. */
  setting: string;
  close(): Promise<void>;
}

/** Bench of a runtime's tests: each has its own run, which is cleaned up after it. */
export interface BrokenBench extends ProxiedRuntime {
  run: RunIdentity;
  spec(script: string, changes?: SpecChanges): RunnerSpec;
  create(script: string, changes?: SpecChanges): Promise<RunnerRef>;
}

/** Describes the contract of every runtime over a breaking connection; `more` adds tests of one runtime. */
export function describeBrokenContract(
  name: string,
  start: () => Promise<ProxiedRuntime>,
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
      await bench.proxy.down();
      await bench.close();
    });

    test('reads each line of a log once when the connection breaks repeatedly', async () => {
      const { direct, runtime, proxy: way, run } = bench;
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

    test('continues a watch when the connection breaks', async () => {
      const { direct, runtime, proxy: way, run } = bench;
      const runner = await bench.create('sleep 60', { pod: { terminationGracePeriodSeconds: 0 } });
      for await (const state of runtime.watch(run, never)) {
        if (!state.running) break;
        way.cut();
        await direct.stop(runner);
      }
      expect(await stateOf(direct, run, () => true)).toMatchObject({ running: false });
    });

    test('waits in readLog and watch for an engine that comes back in time', async () => {
      const { direct, runtime, proxy: way, run } = bench;
      await bench.create('echo one');
      const state = await stateOf(direct, run, ended);
      await way.down();
      const reading = linesOf(runtime.readLog(state, undefined, never));
      const watching = stateOf(runtime, run, () => true);
      await way.up();
      expect(texts(await reading)).toEqual(['one']);
      expect(await watching).toEqual(state);
    });

    test('reports in a watch when the engine does not answer, and when it answers again', async () => {
      const { runtime, proxy: way, run } = bench;
      await bench.create('sleep 60');
      const stop = new AbortController();
      const reported: string[] = [];
      const onWaits = (waits: readonly RuntimeWait[]): void => {
        const now = waits.map(({ reason }) => reason).join() || 'nothing';
        if (now === reported.at(-1)) return;
        reported.push(now);
        if (now === 'engine_unavailable') way.up().catch(() => stop.abort());
        else if (reported.includes('engine_unavailable')) stop.abort();
      };
      for await (const state of runtime.watch(run, stop.signal, onWaits)) if (state.running) await way.down();
      expect(reported.slice(-3)).toEqual(['nothing', 'engine_unavailable', 'nothing']);
    });

    test('throws engine_unavailable from every call when the engine stays unreachable', async () => {
      const { direct, runtime, proxy: way, run, setting } = bench;
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
        runtime.listObjects(run.testId),
      ];
      const results = await Promise.allSettled(calls);
      await way.up();
      const fault = expect.objectContaining({ code: 'engine_unavailable', hint: expect.stringContaining(setting) });
      expect(results).toEqual(calls.map(() => ({ status: 'rejected', reason: fault })));
    });

    more(bench);
  });
}
