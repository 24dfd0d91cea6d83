import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import Docker, { type Container } from 'dockerode';
import { pino } from 'pino';
import { pack } from 'tar-stream';
import { ensureRunnerImage } from '../../../../src/adapters/images/runner-image/ensure-runner-image.ts';
import { findNeededPackages } from '../../../../src/adapters/images/runner-image/needed-packages.ts';
import { collectRunner, packRunner } from '../../../../src/adapters/images/runner-image/stage-runner.ts';
import { storeWork } from '../../../../src/model/stored-work.ts';
import type { WorkFile, WorkStep } from '../../../../src/model/work.ts';
import { ensureBaseImage } from '../../../../src/programs/embedded/base-image.ts';
import { parsePluginYaml } from '../../../../src/services/plugins/parse-plugin-yaml.ts';
import { bash, mark, step } from '../../../support/runner/harness.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const docker = new Docker();
const testId = randomBytes(4).toString('hex');
const registry = '';
const labels = { testid: testId, 'brightbird.dev/run-id': testId };
const filters = { label: [`testid=${testId}`] };
const greeter = `brightbird-test/greeter:${testId}`;
const log = pino({ level: 'silent' });
let baseImage: string;
let image: string;

beforeAll(async () => {
  baseImage = await ensureBaseImage({}, docker, () => undefined);
  image = await ensureRunnerImage({ docker, baseImage, registry, log });
});
afterEach(async () => {
  const left = await docker.listContainers({ all: true, filters });
  await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
});

/** Creates a runner like the Docker runtime: the work file is uploaded before the container starts. */
async function createRunner(steps: WorkStep[], more: Partial<WorkFile> = {}, host: object = {}): Promise<Container> {
  const work: WorkFile = {
    taskId: 'job-1',
    testId,
    attempt: 1,
    namespace: 'brightbird',
    registry: '',
    mark,
    runtime: { kind: 'docker', labels },
    globals: {},
    commits: {},
    versions: {},
    images: {},
    steps,
    ...more,
  };
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['--work=/work/work.json'],
    Labels: labels,
    HostConfig: host,
  });
  const files = pack();
  files.entry({ name: 'work/work.json' }, storeWork(work));
  files.finalize();
  await container.putArchive(files as unknown as NodeJS.ReadableStream, { path: '/' });
  return container;
}

async function lines(container: Container): Promise<string[]> {
  const text = await container.logs({ stdout: true, stderr: true });
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    const size = text.readUInt32BE(at + 4);
    found.push(text.toString('utf8', at + 8, at + 8 + size));
    at += 8 + size;
  }
  return found.join('').trimEnd().split('\n');
}

const story = (all: string[]) =>
  all
    .filter((line) => line.startsWith('{"brightbird"'))
    .map((line) => JSON.parse(line))
    .map((marker) => [marker.brightbird, marker.instance, marker.state].filter(Boolean).join(' '));

describe("the test runner's image", () => {
  test('the runner image is named by its content and built once', async () => {
    expect(image).toMatch(/^brightbird\/testrunner:[0-9a-f]{12}$/);
    const { Created } = await docker.getImage(image).inspect();
    expect(await ensureRunnerImage({ docker, baseImage, registry, log })).toBe(image);
    expect((await docker.getImage(image).inspect()).Created).toBe(Created);
  });

  test('a missing base image fails with image_missing', async () => {
    const request = { docker, baseImage: 'brightbird-test.invalid/none:1', registry, log };
    await expect(ensureRunnerImage(request)).rejects.toMatchObject({ code: 'image_missing' });
  });

  test('a failed build leaves no image and gives the reason of the engine', async () => {
    const empty = `brightbird-test/empty:${testId}`;
    const stream = await docker.importImage(emptyTar(), { repo: 'brightbird-test/empty', tag: testId });
    await once(stream.resume(), 'end');
    const { Id } = await docker.getImage(empty).inspect();
    await expect(ensureRunnerImage({ docker, baseImage: empty, registry, log })).rejects.toMatchObject({
      code: 'build_failed',
      message: expect.stringMatching(/node.*not found|no such file/s),
    });
    await removeDescendants(Id);
    await docker.getImage(empty).remove();
  });

  test('the runner resumes after its container was killed during a step', async () => {
    const container = await createRunner([
      bash('before', 'echo before ran'),
      bash('middle', '[ -e again ] && exit 0; touch again; echo waiting; sleep 60'),
      bash('after', 'echo after ran'),
    ]);
    await container.start();
    while (!(await lines(container)).includes('waiting')) await new Promise((resolve) => setTimeout(resolve, 50));
    await container.kill();
    await container.wait();
    await container.start();
    const { StatusCode } = await container.wait();
    const all = await lines(container);
    expect(StatusCode).toBe(0);
    expect(all.filter((line) => line.endsWith('ran'))).toEqual(['before ran', 'after ran']);
    expect(story(all).slice(-6)).toEqual([
      'step.end before success',
      'step.start middle',
      'step.end middle success',
      'step.start after',
      'step.end after success',
      'runner.end success',
    ]);
  });

  test('the runner ends its step when the container is stopped, and has no verdict', async () => {
    const container = await createRunner([bash('wait', 'echo waiting; sleep 60')]);
    await container.start();
    while (!(await lines(container)).includes('waiting')) await new Promise((resolve) => setTimeout(resolve, 50));
    await container.stop({ t: 20 });
    expect((await container.wait()).StatusCode).toBe(143);
    expect(story(await lines(container)).at(-1)).toBe('step.end wait canceled');
  });

  test('the runner deploys the example component and reaches it by its name', async () => {
    const context = pack();
    for (const name of ['Dockerfile', 'server.mjs']) {
      context.entry({ name }, await readFile(join(root, 'examples/greeter', name)));
    }
    context.finalize();
    const build = await docker.buildImage(context as unknown as NodeJS.ReadableStream, {
      t: greeter,
      buildargs: { BASE_IMAGE: baseImage },
    });
    await new Promise((resolve) => docker.modem.followProgress(build, resolve));
    const network = `brightbird-${testId}`;
    await docker.createNetwork({ Name: network, Labels: labels });
    const yaml = await readFile(join(root, 'examples/plugins/greeter-deploy/plugin.yaml'), 'utf8');
    const def: WorkStep['def'] = { ...parsePluginYaml(yaml, 'plugin.yaml'), form: 'declarative' };
    const expected = { status: 200, body: 'hello' };
    const container = await createRunner(
      [
        { instance: 'greeter', plugin: def.name, input: { replicas: 2 }, def },
        step('check', 'http-check', { url: '{{greeter.svcEndpoint}}/hello', expect: expected }),
        step('second', 'http-check', { url: 'http://greeter-1:8080/hello', expect: expected }),
        step('wrong', 'http-check', { url: '{{greeter.svcEndpoint}}/hello', expect: { status: 200, body: 'helo' } }),
      ],
      {
        runtime: { kind: 'docker', network, labels },
        images: { 'greeter-deploy': greeter },
        commits: { 'greeter-deploy': 'c0ffee' },
      },
      {
        NetworkMode: network,
        Mounts: [{ Type: 'bind', Source: '/var/run/docker.sock', Target: '/var/run/docker.sock' }],
      },
    );
    await container.start();
    expect((await container.wait()).StatusCode).toBe(0);
    const all = await lines(container);
    expect(story(all)).toEqual([
      'runner.start',
      'step.start greeter',
      'step.end greeter success',
      'step.start check',
      'step.end check success',
      'step.start second',
      'step.end second success',
      'step.start wrong',
      'step.end wrong error',
      'runner.end error',
    ]);
    expect(all.at(-2)).toContain(
      'GET http://greeter:8080/hello: expected status 200 and body \\"helo\\", got 200 \\"hello\\"',
    );
    const components = await docker.listContainers({ filters: { label: [...filters.label, 'apptype=component'] } });
    await Promise.all(components.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
    await docker.getImage(greeter).remove({ force: true });
  });
});

/** Removes the layers of a failed build on the image. */
async function removeDescendants(id: string): Promise<void> {
  const images = await docker.listImages({ all: true });
  for (const { Id } of images.filter(({ ParentId }) => ParentId === id)) {
    await removeDescendants(Id);
    await docker.getImage(Id).remove({ noprune: true });
  }
}

/** An image without Node, in which the runner cannot be loaded. */
function emptyTar(): NodeJS.ReadableStream {
  const tar = pack();
  tar.entry({ name: 'empty' }, 'x');
  tar.finalize();
  return tar as unknown as NodeJS.ReadableStream;
}

describe('the build context of the runner image', () => {
  test('the archive is the same each time and changes with a source', async () => {
    const read = async () => {
      const runner = await collectRunner(root);
      const chunks: Buffer[] = [];
      for await (const chunk of packRunner(runner)) chunks.push(chunk as Buffer);
      return { hash: runner.hash, bytes: Buffer.concat(chunks) };
    };
    const [one, other] = [await read(), await read()];
    expect(other.hash).toBe(one.hash);
    expect(other.bytes.equals(one.bytes)).toBe(true);
    const copy = await mkdtemp(join(tmpdir(), 'brightbird-stage-'));
    try {
      for (const name of ['src', 'templates', 'Dockerfile'])
        await cp(join(root, name), join(copy, name), { recursive: true });
      await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
      expect((await collectRunner(copy)).hash).toBe(one.hash);
      await writeFile(join(copy, 'src/runner/tail.ts'), '// changed\n', { flag: 'a' });
      expect((await collectRunner(copy)).hash).not.toBe(one.hash);
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  });

  test('the archive has all imports of the runner, no native addons, and less than 11 MB', async () => {
    const { names } = await collectRunner(root);
    expect(names).toEqual(
      expect.arrayContaining(['Dockerfile', 'src/runner/main.ts', 'node_modules/dockerode/lib/docker.js']),
    );
    expect(names.filter((name) => /cpu-features|\.node$|\.d\.ts$|mongodb|temporalio/.test(name))).toEqual([]);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(root, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(11_000_000);
  });

  test('a package that is not installed causes an error with its name', async () => {
    await expect(findNeededPackages(root, ['no-such-package'])).rejects.toThrow(/no-such-package.*not installed/);
  });
});
