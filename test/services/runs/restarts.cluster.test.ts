import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createKubernetesRuntime } from '../../../src/adapters/kubernetes/kubernetes-runtime.ts';
import type { RunnerEnd } from '../../../src/model/activities.ts';
import type { RunnerRef, Runtime } from '../../../src/model/engine/runtime.ts';
import type { RunIdentity } from '../../../src/model/run.ts';
import type { StepProgress } from '../../../src/model/step.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import { type SuperviseRunOptions, superviseRun } from '../../../src/services/runs/supervise-run.ts';
import { noCluster, TestCluster } from '../../support/adapters/kubernetes/test-cluster.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { never, newRun, type SpecChanges, shellSpec } from '../../support/model/engine/runs.ts';
import { mark, marker } from '../../support/services/runs/scripted-run.ts';

const log = pino({ level: 'silent' });
let cluster: TestCluster;
let runtime: Runtime;
let store: TestStore;
let run: RunIdentity;

const say = (name: string, fields: Record<string, unknown> = {}): string => `echo '${marker(name, fields)}'`;
const start = say('runner.start');
const step = (state: 'start' | 'end', instance: string): string =>
  say(`step.${state}`, { instance, ...(state === 'end' && { state: 'success' }) });
const verdict = say('runner.end', { state: 'success' });

const create = (script: string, changes: SpecChanges = {}): Promise<RunnerRef> =>
  runtime.createRunner(shellSpec(run, cluster.image, script, { namespace: cluster.namespace.name, ...changes }), never);

const followed = async (
  runner: RunnerRef,
  more: Partial<SuperviseRunOptions> = {},
): Promise<RunnerEnd & { steps: StepProgress[] }> => {
  let steps: StepProgress[] = [];
  const end = await superviseRun({
    ...store.store,
    runtime,
    mask: (text) => text,
    log,
    run,
    runner,
    mark,
    writer: { epoch: 1, try: 1 },
    isCurrent: async () => true,
    order: [],
    stopSignal: never,
    signal: never,
    ...more,
    onProgress(now) {
      steps = now;
      more.onProgress?.(now);
    },
  });
  return { ...end, steps };
};

async function lines(): Promise<string[]> {
  const { items } = await readLogs(store.store.logs, { taskId: run.taskId, limit: 1000 });
  return items.map((item) => ('text' in item ? item.text : 'GAP'));
}

(noCluster ? describe.skip : describe)('a runner that its cluster starts again', () => {
  beforeAll(async () => {
    [cluster, store] = await Promise.all([TestCluster.start(), openStore()]);
    runtime = createKubernetesRuntime({ ...cluster, namespace: cluster.namespace.name, log });
  });
  beforeEach(() => {
    run = newRun();
  });
  afterAll(async () => {
    await Promise.all([cluster.close(), store.close()]);
  });

  const crashesOnce = `if [ ! -e /work/seen ]; then touch /work/seen;
    ${start}; ${step('start', 'one')}; echo in one; ${step('end', 'one')}; ${step('start', 'two')}; echo breaks; exit 9; fi
    ${start}; ${step('end', 'one')}; ${step('start', 'two')}; echo in two; ${step('end', 'two')}; ${verdict}`;
  const expected = ['in one', 'breaks', 'runner exited with code 9; started again (1 of 5)', 'in two'];

  test('a restarted runner continues with both logs complete, and steps and restarts counted over both', async () => {
    const end = await followed(await create(crashesOnce));
    expect(end).toMatchObject({ verdict: { state: 'success' }, exitCode: 0, restarts: 1 });
    expect(end.steps.map(({ instance, state }) => `${instance} ${state}`)).toEqual(['one success', 'two success']);
    expect(await lines()).toEqual(expected);
  });

  test('a restarted runner has the same log with changing followers and with two at once', async () => {
    const runner = await create(crashesOnce.replaceAll('echo in', 'sleep 1; echo in'));
    for (const milliseconds of [300, 1200, 600]) {
      const signal = AbortSignal.timeout(milliseconds);
      await followed(runner, { signal }).catch((error: unknown) => expect(error).toBe(signal.reason));
    }
    const [end, same] = await Promise.all([followed(runner), followed(runner)]);
    expect(end).toMatchObject({ verdict: { state: 'success' }, restarts: 1 });
    expect(same).toEqual(end);
    expect(await followed(runner)).toEqual(end);
    expect(await lines()).toEqual(expected);
  });

  test('a runner that crashes too often is an error with its last lines', async () => {
    const end = await followed(await create('echo alive; exit 3'), { maxRestarts: 1 });
    expect(end).toMatchObject({ restarts: 1, fault: { code: 'runner_crashed' } });
    expect(end.fault?.message).toMatch(/exit code 3 after 1 restarts.*alive/s);
    expect(await lines()).toEqual(['alive', 'runner exited with code 3; started again (1 of 1)', 'alive']);
  });

  test('a container that ends unobserved leaves a gap in the log', async () => {
    const script = 'echo x >> /work/lives; n=$(wc -l < /work/lives); echo "life $n"; [ $n -lt 3 ] && exit 1; exit 0';
    const runner = await create(script);
    const once = new AbortController();
    await followed(runner, {
      signal: once.signal,
      runtime: {
        ...runtime,
        async *readLog(...call) {
          yield* runtime.readLog(...call);
          once.abort(new Error('this worker dies'));
        },
      },
    }).catch((error: unknown) => expect(error).toBe(once.signal.reason));
    for await (const state of runtime.watch(run, never)) if (!state.running && state.exitCode === 0) break;
    const end = await followed(runner);
    expect(end).toMatchObject({ exitCode: 0, restarts: 2 });
    const expected = await lines();
    expect(expected).toContain('GAP');
    // The node may or may not still have the log of the second container.
    const certain = expected.filter((text) => text !== 'GAP' && text !== 'life 2');
    expect(certain).toEqual(['life 1', 'runner exited with code 1; started again (2 of 5)', 'life 3']);
    expect(await followed(runner)).toEqual(end);
    expect(await lines()).toEqual(expected);
  });

  test('a runner that ran out of memory is not awaited again', async () => {
    const resources = { limits: { memory: '16Mi' } };
    const runner = await create('echo grows; x=xxxxxxxx; while :; do x="$x$x"; done', { container: { resources } });
    const end = await followed(runner);
    expect(end).toMatchObject({ fault: { code: 'out_of_memory' }, restarts: 0 });
    expect(await lines()).toEqual(['grows']);
  });

  test('a stopped runner has its last lines in the log', async () => {
    const stop = new AbortController();
    const script = `trap 'echo bye; exit 143' TERM; ${start}; ${step('start', 'one')}; while :; do sleep 0.05; done`;
    const end = await followed(await create(script), {
      stopSignal: stop.signal,
      onProgress: (steps) => steps.length > 0 && stop.abort(),
    });
    expect(end).toMatchObject({ exitCode: 143, restarts: 0, steps: [{ instance: 'one', state: 'canceled' }] });
    expect(await lines()).toEqual(['the run is being stopped, so the runner is told to end', 'bye']);
  });

  test('a runner can be stopped before its start', async () => {
    const runner = await create('exit 0', { container: { resources: { requests: { cpu: 1000 } } } });
    expect(await followed(runner, { stopSignal: AbortSignal.abort() })).toMatchObject({ restarts: 0, steps: [] });
  });
});
