import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createKubernetesRuntime } from '../../../src/adapters/kubernetes/kubernetes-runtime.ts';
import { noCluster, TestCluster } from '../../support/adapters/kubernetes/test-cluster.ts';
import { Way } from '../../support/jest/way.ts';
import { describeBrokenContract } from '../../support/model/engine/broken-contract.ts';
import { linesOf, never, running, stateOf, texts } from '../../support/model/engine/runs.ts';

if (noCluster) test.skip(`the Kubernetes runtime over a breaking connection: ${noCluster}`, () => undefined);
else {
  describeBrokenContract(
    'the Kubernetes runtime over a breaking connection',
    async () => {
      const cluster = await TestCluster.start();
      const { connection, image } = cluster;
      const parts = { namespace: cluster.namespace.name, log: pino({ level: 'silent' }) };
      const { hostname: host, port } = new URL(connection.server);
      const way = await Way.to({ host, port: Number(port || 443) });
      const proxied = { ...connection, server: `https://127.0.0.1:${way.port}` };
      return {
        image,
        namespace: parts.namespace,
        setting: 'KUBECONFIG',
        proxy: way,
        direct: createKubernetesRuntime({ ...parts, connection }),
        runtime: createKubernetesRuntime({ ...parts, connection: proxied, unreachableTimeoutSeconds: 1 }),
        close: () => cluster.close(),
      };
    },
    (bench) => {
      test('returns an interrupted line whole', async () => {
        const { direct, runtime, proxy: way, run } = bench;
        await bench.create(`head -c 400000 /dev/zero | tr '\\0' a; sleep 1; echo b; echo after`);
        const state = await stateOf(direct, run, running);
        using _cutting = way.cutEvery(200);
        const lines = texts(await linesOf(runtime.readLog(state, undefined, never)));
        expect(lines.map((line) => line.replace(/^a{400000}/, '400,000 a, '))).toEqual(['400,000 a, b', 'after']);
      });
    },
  );
}
