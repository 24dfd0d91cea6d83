import { describe } from '@jest/globals';
import Docker from 'dockerode';
import { pino } from 'pino';
import { createDockerRuntime } from '../../src/adapters/docker/docker-runtime.ts';
import { ensureRunnerImage } from '../../src/adapters/images/runner-image/ensure-runner-image.ts';
import { createKubernetesRuntime } from '../../src/adapters/kubernetes/kubernetes-runtime.ts';
import { podSchema } from '../../src/adapters/kubernetes/pod.ts';
import { ensureBaseImage } from '../../src/programs/embedded/base-image.ts';
import { prepareCluster } from '../../src/programs/embedded/prepare-cluster.ts';
import { noCluster, TestCluster, until } from '../support/adapters/kubernetes/test-cluster.ts';
import { describeNames } from '../support/runner/names-contract.ts';

const docker = new Docker();
const log = pino({ level: 'silent' });
const runnerImage = async (registry: string): Promise<string> => {
  const baseImage = await ensureBaseImage({}, docker, () => undefined);
  return ensureRunnerImage({ docker, baseImage, registry, log });
};

describeNames('the names of components on Docker', async () => ({
  runtime: createDockerRuntime({ docker, log, registry: '' }),
  image: await runnerImage(''),
  namespace: 'names',
  async replace({ testId }, instance) {
    const label = [`testid=${testId}`, `brightbird.dev/instance=${instance}`];
    const [found] = await docker.listContainers({ filters: { label } });
    await docker.getContainer(found?.Id ?? '').restart({ t: 1 });
  },
  close: async () => undefined,
}));

if (noCluster) describe.skip(`the names of components in a cluster: ${noCluster}`, () => undefined);
else {
  describeNames('the names of components in a cluster', async () => {
    const cluster = await TestCluster.start();
    const { namespace } = cluster;
    await prepareCluster(cluster.connection, namespace.name, () => undefined);
    const pods = async (testId: string, instance: string) => {
      const { items } = await namespace.list('Pod', `testid=${testId},brightbird.dev/instance=${instance}`);
      return items.map((item) => podSchema.parse(item));
    };
    return {
      runtime: createKubernetesRuntime({ ...cluster, namespace: namespace.name, log }),
      image: await runnerImage(process.env.REGISTRY ?? ''),
      namespace: namespace.name,
      async replace({ testId }, instance) {
        const [pod] = await pods(testId, instance);
        const { name = '', uid = '' } = pod?.metadata ?? {};
        await namespace.delete('Pod', name, uid, { graceSeconds: 1 });
        await until(async () =>
          (await pods(testId, instance)).some(
            ({ metadata, status }) =>
              metadata.uid !== uid &&
              status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
          ),
        );
      },
      close: () => cluster.close(),
    };
  });
}
