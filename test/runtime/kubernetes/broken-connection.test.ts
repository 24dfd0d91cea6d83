import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { RunIdentity } from '../../../src/model/run.ts';
import { createKubernetesRuntime } from '../../../src/runtime/kubernetes/kubernetes-runtime.ts';
import type { RunnerRef, Runtime } from '../../../src/runtime/runtime.ts';
import { Way } from '../../fixtures/way.ts';
import { ended, linesOf, never, newRun, running, type SpecChanges, shellSpec, stateOf, texts } from '../runs.ts';
import { noCluster, TestCluster } from './test-cluster.ts';

const log = pino({ level: 'silent' });
let cluster: TestCluster;
let way: Way;
let direct: Runtime;
let runtime: Runtime;
let run: RunIdentity = newRun();

const spec = (script: string, changes: SpecChanges = {}) =>
  shellSpec(run, cluster.image, script, { namespace: cluster.namespace.name, ...changes });
const create = (script: string, changes: SpecChanges = {}): Promise<RunnerRef> =>
  direct.createRunner(spec(script, changes), never);

(noCluster ? describe.skip : describe)('over a connection that breaks', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start();
    const { hostname: host, port } = new URL(cluster.connection.server);
    way = await Way.to({ host, port: Number(port || 443) });
    const behind = { ...cluster.connection, server: `https://127.0.0.1:${way.port}` };
    const namespace = cluster.namespace.name;
    direct = createKubernetesRuntime({ connection: cluster.connection, namespace, log });
    runtime = createKubernetesRuntime({ connection: behind, namespace, log, patienceSeconds: 1 });
  });
  beforeEach(() => {
    run = newRun();
  });
  afterAll(async () => {
    await way.down();
    await cluster.close();
  });

  test('a log has each line once', async () => {
    const paced = 'i=0; while [ $i -lt 3000 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done';
    await create(`${paced}; sleep 1; ${paced}; sleep 1; ${paced}`);
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

  test('a line that is cut comes whole', async () => {
    await create(`head -c 400000 /dev/zero | tr '\\0' a; sleep 1; echo b; echo after`);
    const state = await stateOf(direct, run, running);
    const cutting = setInterval(() => way.cut(), 200);
    const lines = texts(await linesOf(runtime.readLog(state, undefined, never)));
    clearInterval(cutting);
    expect(lines.map((line) => line.replace(/^a{400000}/, '400,000 a, '))).toEqual(['400,000 a, b', 'after']);
  });

  test('a watch goes on', async () => {
    const runner = await create('sleep 60', { pod: { terminationGracePeriodSeconds: 0 } });
    for await (const state of runtime.watch(run, never)) {
      if (!state.running) break;
      way.cut();
      await direct.stop(runner);
    }
    expect(await stateOf(direct, run, () => true)).toMatchObject({ running: false });
  });

  test('an API server that comes back in time was only waited for', async () => {
    await create('echo one');
    const state = await stateOf(direct, run, ended);
    await way.down();
    const reading = linesOf(runtime.readLog(state, undefined, never));
    const watching = stateOf(runtime, run, () => true);
    await way.up();
    expect(texts(await reading)).toEqual(['one']);
    expect(await watching).toEqual(state);
  });

  test('an API server that stays away is a fault of every call', async () => {
    const runner = await create('echo one');
    const state = await stateOf(direct, run, ended);
    await way.down();
    const calls: Promise<unknown>[] = [
      linesOf(runtime.readLog(state, undefined, never)),
      stateOf(runtime, run, () => true),
      runtime.createRunner(spec('echo one'), never),
      runtime.stop(runner),
      runtime.cleanup({ testId: run.testId }, never),
      runtime.objects(run.testId),
    ];
    const results = await Promise.allSettled(calls);
    await way.up();
    const fault = expect.objectContaining({ code: 'engine_unavailable', hint: expect.stringContaining('KUBECONFIG') });
    expect(results).toEqual(calls.map(() => ({ status: 'rejected', reason: fault })));
  });
});
