import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { createImageBuilder } from '../../../src/adapters/images/image-builder.ts';
import { buildRecipeSchema } from '../../../src/model/plugin.ts';
import type { ImageBuilder } from '../../../src/model/ports/images.ts';
import { createBaseImage, docker, noAccounts, removeImages } from '../../support/adapters/images/base-image.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { processesWith, until } from '../../support/adapters/images/scripts/processes.ts';
import { writeTar } from '../../support/adapters/images/tar.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const commit = 'c'.repeat(40);
const repo = 'https://example.invalid/team/greeter.git';
const from = 'ARG BASE_IMAGE=nowhere.invalid/base\nFROM $BASE_IMAGE\n';
let workspace: Workspace;
let baseImage: string;
let builder: ImageBuilder;
let count = 0;

beforeAll(async () => {
  [workspace, baseImage] = await Promise.all([createWorkspace(), createBaseImage()]);
  builder = createImageBuilder({ docker, registries: [], accountOf: noAccounts, baseImage, log: workspace.log });
});
afterAll(async () => {
  await removeImages(baseImage);
  await workspace.remove();
});

interface Build {
  files: Record<string, string>;
  recipe?: Record<string, unknown>;
  secrets?: Record<string, string>;
  onOutput?: (line: string) => void | Promise<void>;
  signal?: AbortSignal;
}

async function build({ files, recipe, secrets, onOutput, signal }: Build) {
  count += 1;
  const image = baseImage.replace('base-', `component-${count}-`);
  const lines: string[] = [];
  const result = builder.build({
    image,
    repo,
    commit,
    tarPath: await writeTar(join(workspace.path, `${count}.tar`), files),
    recipe: buildRecipeSchema.parse(recipe ?? {}),
    secrets: secrets ?? {},
    onOutput: onOutput ?? ((line) => void lines.push(line)),
    signal: signal ?? new AbortController().signal,
  });
  return { image, lines, result };
}

/** Returns the processes of this test's builds, whose commands end with the name of the base image. */
const commands = (): string[] => processesWith(baseImage);
const gone = (): Promise<void> => until(() => commands().length === 0);

describe('a build', () => {
  test('a build creates the image with its labels, and the image is found afterwards', async () => {
    const { image, result } = await build({ files: { Dockerfile: `${from}COPY a.txt /a.txt\n`, 'a.txt': 'a' } });
    expect(await builder.find(image.replace('component', 'other'))).toBeUndefined();
    const { imageId } = await result;
    const info = await docker.getImage(image).inspect();
    expect(info.Id).toBe(imageId);
    expect(info.Config.Labels).toMatchObject({ 'brightbird.dev/commit': commit, 'brightbird.dev/repo': repo });
    expect(await builder.find(image)).toEqual({ digest: imageId });
    expect(workspace.logged()).toContain('have build image before skip');
    expect(workspace.logged()).toMatch(/"durationMs":\d+,"msg":"build image .* success"/);
  });

  test('a build warns about Git LFS pointers in its context', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
    const files = {
      Dockerfile: `${from}COPY model.bin /\nRUN exit 3\n`,
      'model.bin': pointer,
      'left/out.bin': pointer,
    };
    const { lines, result } = await build({ files: { ...files, '.dockerignore': 'left' } });
    const fault = await faultOf(result);
    expect(lines[0]).toMatch(/^Git LFS files are not fetched; the build gets their pointers: model\.bin\. Fetch them/);
    expect(fault).toMatchObject({ code: 'build_failed', hint: lines[0] });
  });

  test('a build returns its output line by line, in order, without colours and overwritten progress', async () => {
    const script =
      'printf "\\033[31mred\\033[0m\\n"; printf "10%%\\r50%%\\r100%%\\n"; echo ünï; i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; printf end';
    const { lines, result } = await build({ files: { Dockerfile: `${from}RUN ${script}\n` } });
    await result;
    const start = lines.indexOf('red');
    expect(lines.slice(start, start + 3)).toEqual(['red', '100%', 'ünï']);
    expect(lines.filter((line) => line.startsWith('line '))).toEqual(
      Array.from({ length: 300 }, (_, n) => `line ${n}`),
    );
    expect(lines.find((line) => line.startsWith('end'))).toBeDefined();
    expect(lines).toContain(`[2/2] RUN ${script}`);
  });

  test('a build uses the Dockerfile, the arguments and the target of its recipe', async () => {
    const dockerfile = `ARG BASE_IMAGE\nFROM $BASE_IMAGE AS first\nARG GREETING\nRUN echo says $GREETING\nLABEL stage=first\nFROM scratch\nLABEL stage=last\n`;
    const { image, lines, result } = await build({
      files: { 'docker/Dockerfile.service': dockerfile, Dockerfile: 'FROM nowhere.invalid/x\n' },
      recipe: { dockerfile: './docker/Dockerfile.service', args: { GREETING: 'hello' }, target: 'first' },
    });
    await result;
    expect(lines).toContain('says hello');
    expect((await docker.getImage(image).inspect()).Config.Labels).toMatchObject({ stage: 'first' });
  });

  test('a build leaves out the files in .dockerignore', async () => {
    const { lines, result } = await build({
      files: {
        Dockerfile: `${from}COPY . /all\nRUN cd /all; for name in *; do echo has $name; done\n`,
        '.dockerignore': '*.md\n!kept.md\n',
        'a.md': 'a',
        'kept.md': 'b',
      },
    });
    await result;
    expect(lines.filter((line) => line.startsWith('has '))).toEqual(['has Dockerfile', 'has kept.md']);
  });

  test('a build may use another base image than that of the server', async () => {
    const { result } = await build({
      files: { Dockerfile: from },
      recipe: { args: { BASE_IMAGE: 'brightbird-test/never-made:1' } },
    });
    expect(await faultOf(result)).toMatchObject({
      message: expect.stringContaining('load metadata for docker.io/brightbird-test/never-made:1'),
      hint: expect.stringContaining('brightbird-test/never-made:1'),
    });
  });
});

describe('a build that fails', () => {
  test('a failed build names the step, its command and the end of its output', async () => {
    const script =
      'i=0; while [ $i -lt 50 ]; do echo try $i; i=$((i+1)); done; sleep 0.2; echo no licence found >&2; exit 3';
    const { image, result } = await build({
      files: { Dockerfile: `${from}RUN echo an earlier step\nRUN ${script} # ${baseImage}\n` },
    });
    const fault = await faultOf(result);
    expect(fault.code).toBe('build_failed');
    expect(fault.message).toContain('failed at [3/3] RUN i=0;');
    expect(fault.message).toContain(': exit code: 3\n');
    expect(fault.message).toContain('no licence found');
    expect(fault.message).toContain('try 49');
    expect(fault.message).not.toMatch(/try 5\b|earlier step/);
    expect(await builder.find(image)).toBeUndefined();
    expect(commands()).toEqual([]);
  });

  test.each([
    ['that is missing in the context', {}, {}, ['has no Dockerfile at commit', repo, commit]],
    [
      'of another name',
      { Dockerfile: from },
      { dockerfile: 'other/Dockerfile' },
      ['has no other/Dockerfile at commit'],
    ],
    ['in a folder', { a: '' }, { context: 'service' }, ['has no Dockerfile in service at commit']],
    ['outside of the context', { Dockerfile: from }, { dockerfile: '../Dockerfile' }, ['has no ../Dockerfile']],
    ['that is empty', { Dockerfile: '' }, {}, ['cannot be empty']],
    ['with an unknown instruction', { Dockerfile: 'FORM scratch\n' }, {}, ['unknown instruction: FORM']],
    ['with an unknown target', { Dockerfile: 'FROM scratch\nLABEL a=b\n' }, { target: 'none' }, ['none']],
    [
      'that copies a missing file',
      { Dockerfile: 'FROM scratch\nCOPY gone.txt /\n' },
      {},
      ['at [1/1] COPY gone.txt', 'not found'],
    ],
  ])('a build fails for a Dockerfile %s', async (_, files, recipe, says) => {
    const fault = await faultOf((await build({ files, recipe })).result);
    expect(fault.code).toBe('build_failed');
    for (const part of says) expect(fault.message).toContain(part);
  });

  test('an unavailable registry of the base image is an infrastructure fault', async () => {
    const fault = await faultOf((await build({ files: { Dockerfile: 'FROM nowhere.invalid/x:1\n' } })).result);
    expect(fault).toMatchObject({ code: 'registry_refused', message: expect.stringContaining('nowhere.invalid') });
  });

  test('an unavailable engine is an infrastructure fault', async () => {
    const away = createImageBuilder({
      docker: new Docker({ socketPath: join(workspace.path, 'no.sock') }),
      registries: [],
      accountOf: noAccounts,
      baseImage,
      log: workspace.log,
    });
    const tarPath = await writeTar(join(workspace.path, 'away.tar'), { Dockerfile: from });
    const recipe = buildRecipeSchema.parse({});
    const request = {
      image: 'x:1',
      repo,
      commit,
      tarPath,
      recipe,
      secrets: {},
      onOutput: () => undefined,
      signal: AbortSignal.timeout(9000),
    };
    expect((await faultOf(away.build(request))).code).toBe('engine_unavailable');
    expect((await faultOf(away.find('x:1'))).code).toBe('engine_unavailable');
  });

  test('a build ends with the error when its output cannot be stored', async () => {
    const { result } = await build({
      files: { Dockerfile: `${from}RUN echo hello; sleep 20; true # ${baseImage}\n` },
      onOutput: (line) => {
        if (line === 'hello') throw new Error('the store is away');
      },
    });
    await expect(result).rejects.toThrow('the store is away');
    await gone();
  });
});

test('an aborted build leaves no process and no image', async () => {
  const stop = new AbortController();
  const { image, result } = await build({
    files: { Dockerfile: `${from}RUN echo started; sleep 60; echo never # ${baseImage}\n` },
    onOutput: async (line) => {
      if (line !== 'started') return;
      expect(commands()).not.toEqual([]);
      stop.abort(new Error('the task was stopped'));
    },
    signal: stop.signal,
  });
  await expect(result).rejects.toThrow('the task was stopped');
  await gone();
  expect(await builder.find(image)).toBeUndefined();
  const early = await build({ files: { Dockerfile: from }, signal: AbortSignal.abort(new Error('before it began')) });
  await expect(early.result).rejects.toThrow('before it began');
});
