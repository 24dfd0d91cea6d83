import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { createImageBuilder } from '../../../src/adapters/images/image-builder.ts';
import { buildRecipeSchema } from '../../../src/model/plugin.ts';
import { createBaseImage, noAccounts, removeImages } from '../../support/adapters/images/base-image.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { processesWith, until } from '../../support/adapters/images/scripts/processes.ts';
import { writeTar } from '../../support/adapters/images/tar.ts';
import { createWorkspace } from '../../support/adapters/images/workspace.ts';
import { Way } from '../../support/jest/way.ts';

test('an engine that is lost during a build is an infrastructure fault, and a later build succeeds', async () => {
  const [workspace, baseImage] = await Promise.all([createWorkspace(), createBaseImage()]);
  const way = await Way.to({ path: '/var/run/docker.sock' });
  const docker = new Docker({ protocol: 'http', host: '127.0.0.1', port: way.port });
  const builder = createImageBuilder({
    docker,
    registries: [],
    accountOf: noAccounts,
    baseImage,
    log: workspace.log,
  });
  const build = async (seconds: number, onOutput: (line: string) => void) =>
    builder.build({
      image: baseImage.replace('base-', 'lost-'),
      repo: 'https://git.invalid/x',
      commit: 'c'.repeat(40),
      tarPath: await writeTar(join(workspace.path, 'context.tar'), {
        Dockerfile: `FROM ${baseImage}\nRUN echo started; sleep ${seconds}; true # ${baseImage}\n`,
      }),
      recipe: buildRecipeSchema.parse({}),
      secrets: {},
      onOutput,
      signal: new AbortController().signal,
    });
  try {
    const fault = await faultOf(build(60, (line) => line === 'started' && way.cut()));
    expect(fault.code).toBe('engine_unavailable');
    await until(() => processesWith(baseImage).length === 0);
    expect(await build(0, () => undefined)).toMatchObject({ imageId: expect.stringMatching(/^sha256:/) });
    const { Os, Architecture } = await docker.getImage(baseImage).inspect();
    expect(await builder.platform()).toBe(`${Os}/${Architecture}`);
    await way.down();
    // An image of a registry is found without the engine, so its name must be known without it.
    expect(await builder.platform()).toBe(`${Os}/${Architecture}`);
  } finally {
    await way.down();
    await removeImages(baseImage);
    await workspace.remove();
  }
});
