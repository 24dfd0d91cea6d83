import { test } from '@jest/globals';
import { pino } from 'pino';
import { marksOf } from '../../../src/adapters/kubernetes/identity.ts';
import { createKubernetesRuntime } from '../../../src/adapters/kubernetes/kubernetes-runtime.ts';
import { sourceLabel } from '../../../src/model/engine/labels.ts';
import { labelNames } from '../../../src/model/run.ts';
import { noCluster, TestCluster } from '../../support/adapters/kubernetes/test-cluster.ts';
import { describeRuntimeContract } from '../../support/model/engine/contract.ts';

if (noCluster) test.skip(`the Kubernetes runtime: ${noCluster}`, () => undefined);
else {
  describeRuntimeContract('the Kubernetes runtime', async () => {
    const cluster = await TestCluster.start();
    const { connection, namespace, image } = cluster;
    await namespace.api.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace.name}/serviceaccounts`,
      body: { metadata: { name: 'brightbird-runner' } },
    });
    return {
      runtime: createKubernetesRuntime({ connection, namespace: namespace.name, log: pino({ level: 'silent' }) }),
      image,
      namespace: namespace.name,
      exactLogs: false,
      crash: ({ uid }) => cluster.kill(uid),
      remove: ({ name, uid }) => namespace.delete('Pod', name, uid, { graceSeconds: 0 }),
      async addComponent(run, name, script, { marked = true } = {}) {
        const { labels: all, annotations } = marksOf(run, 'component');
        const { [labelNames.installation]: mark = '', ...others } = all;
        const labels = { ...others, ...(marked && { [labelNames.installation]: mark }) };
        const pod = await namespace.create('Pod', {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: `${name}-${run.testId}`, labels: { ...labels, [sourceLabel]: name }, annotations },
          spec: {
            restartPolicy: 'Never',
            terminationGracePeriodSeconds: 1,
            containers: [{ name: 'component', image, command: ['/bin/sh', '-c', script] }],
          },
        });
        return pod.metadata.uid;
      },
      close: () => cluster.close(),
    };
  });
}
