import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { marksOf } from '../../../src/adapters/kubernetes/identity.ts';
import { createKubernetesRuntime } from '../../../src/adapters/kubernetes/kubernetes-runtime.ts';
import type { RunnerEnd } from '../../../src/model/activities.ts';
import { instanceLabel } from '../../../src/model/engine/labels.ts';
import type { ContainerState, Runtime } from '../../../src/model/engine/runtime.ts';
import type { RunIdentity } from '../../../src/model/run.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import { superviseRun } from '../../../src/services/runs/supervise-run.ts';
import { noCluster, TestCluster } from '../../support/adapters/kubernetes/test-cluster.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { never, newRun, shellSpec, stateOf } from '../../support/model/engine/runs.ts';
import { mark } from '../../support/services/runs/scripted-run.ts';

const log = pino({ level: 'silent' });
let cluster: TestCluster;
let runtime: Runtime;
let store: TestStore;
let run: RunIdentity;

/** Shell command that prints a marker with the current time. */
const say = (brightbird: string, fields: object): string => {
  const text = JSON.stringify(JSON.stringify({ brightbird, mark, at: '@', ...fields }));
  return `echo ${text} | busybox sed "s/@/$(busybox date -u +%Y-%m-%dT%H:%M:%SZ)/"`;
};

(noCluster ? describe.skip : describe)('a component in a cluster that dies while its test runs', () => {
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

  /** Runs a step that fails after `die` has ended its component and the end was observed. */
  async function failAfter(
    script: string,
    die: (pod: { name: string; uid: string }) => Promise<void>,
  ): Promise<RunnerEnd> {
    const folder = `/tmp/${run.testId}`;
    const error = { code: 'step_failed', message: 'cannot resolve orders' };
    const failing = [
      say('runner.start', {}),
      say('step.start', { instance: 'check' }),
      'while [ ! -e /tmp/go ]; do sleep 1; done',
      say('step.end', { instance: 'check', state: 'error', error }),
      say('runner.end', { state: 'error', failedStep: 'check' }),
    ].join('\n');
    const namespace = cluster.namespace.name;
    const runner = await runtime.createRunner(
      shellSpec(run, cluster.image, failing, {
        namespace,
        container: { volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] },
        pod: { volumes: [{ name: 'tmp', hostPath: { path: folder, type: 'DirectoryOrCreate' } }] },
      }),
      never,
    );
    const { labels, annotations } = marksOf(run, 'component');
    const name = `orders-${run.testId}`;
    const made = await cluster.namespace.create('Pod', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        labels: { ...labels, [instanceLabel]: 'orders', 'apps.kubernetes.io/pod-index': '0' },
        annotations,
      },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'orders',
            image: cluster.image,
            command: ['/bin/sh', '-c', script],
            resources: { limits: { memory: '16Mi' } },
          },
        ],
      },
    });
    const ending = superviseRun({
      ...store.store,
      ...{ runtime, mask: (text: string) => text, log, run, runner, mark },
      ...{ writer: { epoch: 1, try: 1 }, isCurrent: async () => true, order: [] },
      ...{ onProgress: () => undefined, stopSignal: never, signal: never },
    });
    const isOrders = ({ source }: ContainerState): boolean => source === 'orders-0';
    await stateOf(runtime, run, isOrders);
    await die({ name, uid: made.metadata.uid });
    await writeFile(`${folder}/go`, '');
    const end = await ending;
    await runtime.cleanup({ testId: run.testId }, never);
    await rm(folder, { recursive: true });
    return end;
  }

  test('a component out of memory is noted in its log and makes the step an infrastructure fault', async () => {
    const { summary } = await failAfter('echo listening; x=xxxxxxxxxxxxxxxx; while :; do x="$x$x"; done', async () => {
      await stateOf(runtime, run, ({ source, outOfMemory }) => source === 'orders-0' && outOfMemory === true);
    });
    expect(summary?.failed[0]?.error).toMatchObject({
      code: 'out_of_memory',
      message: expect.stringMatching(/^cannot resolve orders; orders-0 ran out of memory \d+ s before$/),
    });
    const { items } = await readLogs(store.store.logs, {
      taskId: run.taskId,
      filter: { source: 'orders-0' },
      limit: 10,
    });
    expect(items).toMatchObject([
      { stream: 'out', text: 'listening' },
      { stream: 'note', text: 'orders-0 ran out of memory while the test ran' },
    ]);
  });

  test('a component deleted from outside is reported as an infrastructure fault', async () => {
    const { summary } = await failAfter('echo listening; sleep 600', async ({ name, uid }) => {
      await cluster.namespace.delete('Pod', name, uid, { graceSeconds: 0 });
    });
    expect(summary?.failed[0]?.error).toMatchObject({
      code: 'component_lost',
      message: expect.stringMatching(/^cannot resolve orders; orders-0 was deleted/),
    });
  });
});
