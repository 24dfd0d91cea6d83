import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunnerRef, RunnerSpec, Runtime } from '../../../../src/model/engine/runtime.ts';
import type { RunIdentity } from '../../../../src/model/run.ts';
import { describeLogContract } from './log-contract.ts';
import { describeOrphans } from './orphan-contract.ts';
import { ended, linesOf, never, newRun, running, type SpecChanges, shellSpec, stateOf, texts } from './runs.ts';

/** Runtime under test, and functions that change its engine directly. */
export interface RuntimeUnderTest {
  runtime: Runtime;
  /** Image with a shell and busybox. */
  image: string;
  namespace: string;
  /** Whether logs are exact: stdout and stderr apart, and of any length. */
  exactLogs: boolean;
  /** Kills the runner's process, like a crash. */
  crash(runner: RunnerRef): Promise<void>;
  /** Removes the runner, like another program would. */
  remove(runner: RunnerRef): Promise<void>;
  /** Creates a component like the run's runner, or one without the installation's mark. Returns its uid. */
  addComponent(run: RunIdentity, name: string, script: string, options?: { marked?: boolean }): Promise<string>;
  close(): Promise<void>;
}

/** Bench of the contract's tests: creates runners that are cleaned up afterwards. */
export interface Bench {
  under: RuntimeUnderTest;
  create(run: RunIdentity, script: string, changes?: SpecChanges): Promise<RunnerRef>;
  spec(run: RunIdentity, script: string, changes?: SpecChanges): RunnerSpec;
  own(run: RunIdentity): RunIdentity;
}

/** Changes of a runner that is not restarted, not even by a cluster. */
const once: SpecChanges = { pod: { restartPolicy: 'Never' } };
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;

/** Describes the contract of every runtime (src/model/engine/runtime.ts). */
export function describeRuntimeContract(name: string, start: () => Promise<RuntimeUnderTest>): void {
  describe(name, () => {
    const used = new Set<string>();
    const bench = {} as Bench;
    beforeAll(async () => {
      bench.under = await start();
      bench.own = (run) => {
        used.add(run.testId);
        return run;
      };
      bench.create = (run, script, changes) =>
        bench.under.runtime.createRunner(bench.spec(run, script, changes), never);
      bench.spec = (run, script, changes) =>
        shellSpec(bench.own(run), bench.under.image, script, { namespace: bench.under.namespace, ...changes });
    });
    afterAll(async () => {
      const leftovers = await Promise.all([...used].map((testId) => bench.under.runtime.cleanup({ testId }, never)));
      const left = await Promise.all([...used].map((testId) => bench.under.runtime.listObjects(testId)));
      await bench.under.close();
      expect([...leftovers, ...left].flat()).toEqual([]);
    });

    describeCreation(bench);
    describeWatch(bench);
    describeEnds(bench);
    describeCleanup(bench);
    describeOrphans(bench);
    describeLogContract(bench);
  });
}

function describeCreation(bench: Bench): void {
  test('creates a runner with its command, environment, work file, programs and secrets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'brightbird-contract-'));
    const from = join(folder, 'hello');
    await writeFile(from, '#!/bin/sh\necho "hello from a plugin"\n');
    await chmod(from, 0o755);
    const run = newRun();
    await bench.create(
      run,
      '/work/plugins/a/hello; echo "$GREETING"; cat /work/secrets/*; echo x > /work/checkpoint.json; cat /work/work.json',
      {
        files: [{ from, to: '/work/plugins/a/hello' }],
        secrets: { 'token-1': 'one\n', other_2: 'two\n' },
        container: { env: [{ name: 'GREETING', value: 'good day' }] },
      },
    );
    await rm(folder, { recursive: true });
    const state = await stateOf(bench.under.runtime, run, ended);
    const lines = texts(await linesOf(bench.under.runtime.readLog(state, undefined, never)));
    expect(lines.slice(0, 4)).toEqual(['hello from a plugin', 'good day', 'two', 'one']);
    expect(JSON.parse(lines[4] ?? '')).toMatchObject({
      taskId: run.taskId,
      mark: 'a mark of this run',
      runtime: { labels: { testid: run.testId, apptype: 'component', retry: '1' } },
    });
    expect(state).toMatchObject({ exitCode: 0, running: false, source: 'runner' });
  });

  test('adopts an existing runner, even an ended one, and does not start it again', async () => {
    const run = newRun();
    const first = await bench.create(run, 'exit 3', once);
    const before = await stateOf(bench.under.runtime, run, ended);
    expect(before.name).toBe(first.name);
    expect(await bench.create(run, 'exit 3', once)).toEqual(first);
    expect(await stateOf(bench.under.runtime, run, ended)).toEqual(before);
  });

  test('creates one runner when several workers create the same one at once', async () => {
    const run = newRun();
    const made = await Promise.all([1, 2, 3].map(() => bench.create(run, 'sleep 60', { deploys: true })));
    expect(new Set(made.map(({ uid }) => uid)).size).toBe(1);
    const objects = await bench.under.runtime.listObjects(run.testId);
    expect(objects.filter(({ uid }) => uid === made[0]?.uid)).toHaveLength(1);
    expect(new Set(objects.map(({ kind }) => kind)).size).toBe(objects.length);
  });

  test('removes objects of an earlier Temporal run of the task before the new runner starts', async () => {
    const old = newRun();
    const runner = await bench.create(old, 'sleep 60', { deploys: true });
    const component = await bench.under.addComponent(old, 'left-over', 'sleep 60');
    const run = { ...old, runId: 'the run after a reset' };
    const next = await bench.create(run, 'sleep 60');
    expect(next.name).toBe(runner.name);
    const left = (await bench.under.runtime.listObjects(run.testId)).map(({ uid }) => uid);
    expect(left).toContain(next.uid);
    expect(left).not.toContain(runner.uid);
    expect(left).not.toContain(component);
  });

  test("lists a task's objects with their owner and creation time until they are removed", async () => {
    const run = newRun();
    await bench.create(run, 'sleep 60', { deploys: true });
    const { runtime } = bench.under;
    const own = async () => (await runtime.listAllObjects()).filter(({ labels }) => labels.testid === run.testId);
    const found = await own();
    expect(found).toHaveLength((await runtime.listObjects(run.testId)).length);
    for (const object of found) {
      expect(run).toMatchObject({ taskId: object.taskId, runId: object.runId, installation: object.installation });
      expect(object.createdAt > new Date('2020-01-01')).toBe(true);
    }
    await runtime.cleanup({ testId: run.testId }, never);
    expect(await own()).toEqual([]);
  });

  test('creates a separate runner for each attempt of a run', async () => {
    const run = newRun();
    const first = await bench.create(run, 'exit 0');
    const second = await bench.create({ ...run, attempt: 2 }, 'sleep 60');
    expect([first.name, second.name]).toEqual([`test-runner-${run.testId}`, `test-runner-${run.testId}-2`]);
    const watched = await stateOf(bench.under.runtime, { ...run, attempt: 2 }, () => true);
    expect(watched).toMatchObject({ role: 'runner', running: true });
  });

  test('creates nothing when the creation is aborted', async () => {
    const run = newRun();
    const spec = bench.spec(run, 'sleep 60');
    const reason = new Error('the task was stopped');
    await expect(bench.under.runtime.createRunner(spec, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await bench.under.runtime.listObjects(run.testId)).toEqual([]);
  });
}

function describeWatch(bench: Bench): void {
  test('watches existing containers first, then each start and end', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'sleep 60');
    const { runtime } = bench.under;
    const seen: string[] = [];
    const stop = new AbortController();
    let component = false;
    for await (const state of runtime.watch(run, stop.signal)) {
      // A cluster may report an end a second time with more details, as when its pod has ended.
      const said = `${state.source} ${state.running ? 'runs' : `ended with ${state.exitCode}`}`;
      if (said !== seen.at(-1)) seen.push(said);
      if (!component) await bench.under.addComponent(run, 'greeter-0', 'sleep 1; exit 4');
      component = true;
      if (state.source === 'greeter-0' && !state.running) await bench.under.crash(runner);
      if (state.role === 'runner' && !state.running) break;
    }
    expect(seen).toEqual(['runner runs', 'greeter-0 runs', 'greeter-0 ended with 4', 'runner ended with 137']);
  });

  test('reports the end of a runner to a watch that begins afterwards', async () => {
    const run = newRun();
    await bench.create(run, 'exit 7', once);
    await stateOf(bench.under.runtime, run, ended);
    const late = await stateOf(bench.under.runtime, run, () => true);
    expect(late).toMatchObject({ role: 'runner', running: false, exitCode: 7, outOfMemory: false });
    for (const at of [late.startedAt, late.finishedAt]) expect(at).toMatch(timestamp);
  });

  test('throws runner_vanished from current and later watches when the runner is removed', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'sleep 60');
    const watching = async (): Promise<void> => {
      for await (const _state of bench.under.runtime.watch(run, never)) await bench.under.remove(runner);
    };
    await expect(watching()).rejects.toMatchObject({ code: 'runner_vanished' });
    await expect(watching()).rejects.toMatchObject({ code: 'runner_vanished' });
  });

  test('ends a watch without an error when it is aborted', async () => {
    const run = newRun();
    await bench.create(run, 'sleep 60');
    const stop = new AbortController();
    for await (const _state of bench.under.runtime.watch(run, stop.signal)) stop.abort();
    for await (const _state of bench.under.runtime.watch(run, stop.signal)) throw new Error('it was aborted before');
  });
}

function describeEnds(bench: Bench): void {
  test('restarts a runner that ends at once, exactly once for each of its ends', async () => {
    const { runtime } = bench.under;
    if (!runtime.restart) return;
    const run = newRun();
    const runner = await bench.create(run, 'echo alive; exit 1');
    const ends: string[] = [];
    for await (const state of runtime.watch(run, never)) {
      if (!state.finishedAt) continue;
      for (const end of [...ends, state.finishedAt, state.finishedAt]) await runtime.restart(runner, end);
      if (ends.push(state.finishedAt) === 4) break;
    }
    expect(new Set(ends).size).toBe(4);
    const last = await stateOf(runtime, run, ({ finishedAt = '' }) => finishedAt !== '' && !ends.includes(finishedAt));
    expect(texts(await linesOf(runtime.readLog(last, undefined, never)))).toEqual(Array(5).fill('alive'));
  });

  test('lets a stopped runner end itself and keeps its last lines in the log', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done');
    const state = await stateOf(bench.under.runtime, run, running);
    const seen = await linesOf(bench.under.runtime.readLog(state, undefined, never), ([line]) =>
      line?.text === 'ready' ? bench.under.runtime.stop(runner) : undefined,
    );
    expect(texts(seen)).toEqual(['ready', 'bye']);
    expect(await stateOf(bench.under.runtime, run, () => true)).toMatchObject({ running: false, exitCode: 0 });
  });

  test('kills a runner that ignores SIGTERM after the grace period', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'trap "" TERM; while :; do sleep 0.05; done', {
      pod: { terminationGracePeriodSeconds: 1 },
    });
    await stateOf(bench.under.runtime, run, running);
    await bench.under.runtime.stop(runner);
    expect(await stateOf(bench.under.runtime, run, () => true)).toMatchObject({ running: false, exitCode: 137 });
  });

  test('stops an ended or removed runner without an error', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'exit 0');
    await stateOf(bench.under.runtime, run, ended);
    await bench.under.runtime.stop(runner);
    await bench.under.remove(runner);
    await bench.under.runtime.stop(runner);
  });
}

function describeCleanup(bench: Bench): void {
  test('removes all objects of a run, and none of another run or task', async () => {
    const run = newRun();
    const other = newRun();
    const runner = await bench.create(run, 'sleep 60', { deploys: true });
    const neighbour = await bench.create(other, 'sleep 60', { deploys: true });
    const component = await bench.under.addComponent(run, 'greeter-0', 'sleep 60');
    const otherRun = { ...run, runId: 'another run of the same task' };
    const kept = await bench.under.addComponent(otherRun, 'kept-0', 'sleep 60');
    const before = (await bench.under.runtime.listObjects(run.testId)).map(({ uid }) => uid);
    expect(before).toEqual(expect.arrayContaining([runner.uid, component, kept]));

    expect(await bench.under.runtime.cleanup({ testId: run.testId, runId: run.runId }, never)).toEqual([]);
    expect((await bench.under.runtime.listObjects(run.testId)).map(({ uid }) => uid)).toEqual([kept]);
    expect((await bench.under.runtime.listObjects(other.testId)).length).toBe(before.length - 2);
    expect(await stateOf(bench.under.runtime, other, () => true)).toMatchObject({
      running: true,
      streamId: expect.stringContaining(neighbour.uid),
    });

    expect(await bench.under.runtime.cleanup({ testId: run.testId }, never)).toEqual([]);
    expect(await bench.under.runtime.listObjects(run.testId)).toEqual([]);
  });

  test('removes objects that appear during the cleanup, which can be repeated', async () => {
    const run = newRun();
    await bench.create(run, 'sleep 60', { deploys: true });
    const late = bench.under.addComponent(run, 'late-0', 'sleep 60');
    const cleanup = bench.under.runtime.cleanup({ testId: run.testId, runId: run.runId }, never);
    await Promise.all([late, cleanup]);
    expect(await bench.under.runtime.cleanup({ testId: run.testId, runId: run.runId }, never)).toEqual([]);
    expect(await bench.under.runtime.listObjects(run.testId)).toEqual([]);
  });

  test('throws the reason of an aborted cleanup', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'sleep 60');
    const reason = new Error('the worker shuts down');
    const cleanup = bench.under.runtime.cleanup({ testId: run.testId }, AbortSignal.abort(reason));
    await expect(cleanup).rejects.toBe(reason);
    expect((await bench.under.runtime.listObjects(run.testId)).map(({ uid }) => uid)).toContain(runner.uid);
  });
}
