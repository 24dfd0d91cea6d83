import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createKubernetesRuntime } from '../../../src/adapters/kubernetes/kubernetes-runtime.ts';
import type { ContainerState, Runtime } from '../../../src/model/engine/runtime.ts';
import { copyLog } from '../../../src/services/logs/collect/copy-log.ts';
import { readLogs } from '../../../src/services/logs/read.ts';
import type { SuperviseRunPorts } from '../../../src/services/runs/ports.ts';
import { noCluster, TestCluster, until } from '../../support/adapters/kubernetes/test-cluster.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { Way } from '../../support/jest/way.ts';
import { linesOf, never, newRun, running, shellSpec, stateOf } from '../../support/model/engine/runs.ts';

/** Command that prints more than the 10 MiB at which a kubelet rotates; it checks every 10 s. */
const flood = `awk 'BEGIN { for (i = 0; i < 400000; i++) printf "line %d of many that are not read\\n", i }'`;
/** Number of lines, of 81 bytes with their timestamps, below 10 MiB: the rest of the log is then stable. */
const maxStableLines = 129_000;
const log = pino({ level: 'silent' });

let cluster: TestCluster;
let opened: TestStore;
let direct: Runtime;
let behindWay: Runtime;
let way: Way;

(noCluster ? describe.skip : describe)('the log of a container that a real kubelet rotates', () => {
  beforeAll(async () => {
    [cluster, opened] = await Promise.all([TestCluster.start(), openStore()]);
    const { connection } = cluster;
    const parts = { namespace: cluster.namespace.name, log };
    const { hostname: host, port } = new URL(connection.server);
    way = await Way.to({ host, port: Number(port || 443) });
    direct = createKubernetesRuntime({ ...parts, connection });
    const server = `https://127.0.0.1:${way.port}`;
    behindWay = createKubernetesRuntime({
      ...parts,
      connection: { ...connection, server },
      unreachableTimeoutSeconds: 600,
    });
  });
  afterAll(async () => {
    await way.down();
    await Promise.all([cluster.close(), opened.close()]);
  });

  /** Copies the log of a container to a stream of its own. */
  const copy = (runtime: Runtime, container: ContainerState, follow: boolean, signal = never) => {
    const ports = {
      runtime,
      logs: opened.store.logs,
      mask: (text: string) => text,
      log,
    } as unknown as SuperviseRunPorts;
    const take = { run: newRun({ taskId: taskOf(container) }), container, follow };
    return copyLog(ports, { ...take, begin: () => (line, writer) => writer.add(line) }, signal);
  };
  const stored = async (container: ContainerState): Promise<string[]> => {
    const { items } = await readLogs(opened.store.logs, { taskId: taskOf(container), limit: 200_000 });
    return items.map((item) => ('gap' in item ? '(gap)' : item.text));
  };
  const left = async (state: ContainerState): Promise<string[]> => {
    const lines = await linesOf(direct.readLog(state, undefined, never, { follow: false }));
    return lines.map(({ text }) => text);
  };

  test('shows a gap in a log that was read before, was never read, or was cut off from the API server', async () => {
    const run = newRun();
    const script = `echo begun; while [ ! -e /tmp/go ]; do sleep 1; done; ${flood}; touch /tmp/over; sleep 600`;
    const pod = {
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: 'tmp', hostPath: { path: `/tmp/${run.testId}`, type: 'DirectoryOrCreate' } }],
    };
    const container = { volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] };
    await direct.createRunner(
      shellSpec(run, cluster.image, script, { namespace: cluster.namespace.name, pod, container }),
      never,
    );
    const state = await stateOf(direct, run, running);
    const readBefore = { ...state, streamId: `${state.streamId}-read` };
    const neverRead = { ...state, streamId: `${state.streamId}-never` };
    const cutOff = { ...state, streamId: `${state.streamId}-cut` };
    await until(async () => {
      await copy(direct, readBefore, false);
      return (await stored(readBefore)).length === 1;
    });
    const stop = new AbortController();
    const following = copy(behindWay, cutOff, true, stop.signal);
    await until(async () => (await stored(cutOff)).length === 1);
    await way.down();
    await writeFile(`/tmp/${run.testId}/go`, '');
    await until(async () => existsSync(`/tmp/${run.testId}/over`) && (await left(state)).length < maxStableLines);
    // If the kubelet rotated in the middle of the flood, its end is still available.
    const rest = await left(state);
    await way.up();
    await copy(direct, readBefore, false);
    expect(await stored(readBefore)).toEqual(['begun', '(gap)', ...rest]);
    await copy(direct, neverRead, false);
    expect(await stored(neverRead)).toEqual(['(gap)', ...rest]);
    await until(async () => (await stored(cutOff)).length >= 2 + rest.length);
    expect(await stored(cutOff)).toEqual(['begun', '(gap)', ...rest]);
    stop.abort();
    await following;
    await direct.cleanup({ testId: run.testId }, never);
    await rm(`/tmp/${run.testId}`, { recursive: true });
  });
});

const taskOf = ({ streamId }: ContainerState): string => `task-${streamId.split('-').at(-1)}`;
