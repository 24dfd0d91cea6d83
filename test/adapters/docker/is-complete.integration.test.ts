import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { isLogComplete } from '../../../src/adapters/docker/is-complete.ts';
import { importBusybox } from '../../support/adapters/docker/busybox-image.ts';
import { never } from '../../support/model/engine/runs.ts';

test('reports a log as complete when its container has ended and every frame is known', async () => {
  const docker = new Docker();
  const image = await importBusybox(docker, `brightbird-complete/${randomBytes(4).toString('hex')}`);
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['/bin/sh', '-c', 'seq 1 500; sleep 60'],
    HostConfig: { NetworkMode: 'none' },
  });
  try {
    await container.start();
    const log = { containerId: container.id, since: undefined };
    while ((await container.logs({ stdout: true })).toString().split('\n').length < 500);
    expect(await isLogComplete(docker, log, 500, never)).toBe(false);
    await container.kill();
    await container.wait();
    expect(await isLogComplete(docker, log, 500, never)).toBe(true);
    expect(await isLogComplete(docker, log, 499, never)).toBe(false);
    expect(await isLogComplete(docker, log, 300, never)).toBe(false);
  } finally {
    await container.remove({ force: true });
    await docker.getImage(image).remove({ force: true });
  }
});
