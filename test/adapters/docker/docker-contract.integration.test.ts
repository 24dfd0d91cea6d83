import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { pino } from 'pino';
import { createDockerRuntime } from '../../../src/adapters/docker/docker-runtime.ts';
import { runLabels, sourceLabel } from '../../../src/model/engine/labels.ts';
import { labelNames } from '../../../src/model/run.ts';
import { importBusybox } from '../../support/adapters/docker/busybox-image.ts';
import { describeRuntimeContract } from '../../support/model/engine/contract.ts';

describeRuntimeContract('the Docker runtime', async () => {
  const docker = new Docker();
  const image = await importBusybox(docker, `brightbird-contract/${randomBytes(4).toString('hex')}`);
  return {
    runtime: createDockerRuntime({ docker, log: pino({ level: 'silent' }), registry: '' }),
    image,
    namespace: 'contract',
    exactLogs: true,
    crash: ({ uid }) => docker.getContainer(uid).kill({ signal: 'SIGKILL' }),
    remove: ({ uid }) => docker.getContainer(uid).remove({ force: true, v: true }),
    async addComponent(run, name, script, { marked = true } = {}) {
      const { [labelNames.installation]: mark = '', ...labels } = runLabels(run, 'component');
      const container = await docker.createContainer({
        Image: image,
        Cmd: ['/bin/sh', '-c', script],
        Labels: { ...labels, ...(marked && { [labelNames.installation]: mark }), [sourceLabel]: name },
        HostConfig: { NetworkMode: 'none' },
      });
      // A cleanup at the same time may have taken it already.
      await container.start().catch((error: { statusCode?: number }) => {
        if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
      });
      return container.id;
    },
    close: () => docker.getImage(image).remove({ force: true }),
  };
});
