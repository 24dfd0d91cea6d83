import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createImageBuilder } from '../../../src/adapters/images/image-builder.ts';
import { buildRecipeSchema } from '../../../src/model/plugin.ts';
import { createBaseImage, docker, noAccounts, removeImages } from '../../support/adapters/images/base-image.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { writeTar } from '../../support/adapters/images/tar.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const secret = 'a token of the team';
let workspace: Workspace;
let baseImage: string;
let count = 0;

beforeAll(async () => {
  [workspace, baseImage] = await Promise.all([createWorkspace(), createBaseImage()]);
});
afterAll(async () => {
  await removeImages(baseImage);
  await workspace.remove();
});

async function build(dockerfile: string, secrets: Record<string, string> = { NPM_TOKEN: secret }) {
  count += 1;
  const image = baseImage.replace('base-', `secret-${count}-`);
  const lines: string[] = [];
  const context = { Dockerfile: `FROM ${baseImage}\n${dockerfile}\n` };
  const builder = createImageBuilder({
    docker,
    registries: [],
    accountOf: noAccounts,
    baseImage,
    log: workspace.log,
  });
  const result = builder.build({
    image,
    repo: 'https://git.invalid/x',
    commit: 'c'.repeat(40),
    tarPath: await writeTar(join(workspace.path, `${count}.tar`), context),
    recipe: buildRecipeSchema.parse({}),
    secrets,
    onOutput: (line) => void lines.push(line),
    signal: new AbortController().signal,
  });
  return { image, lines, result };
}

test('a step reads a secret that it mounts, and neither the log nor the image contains it', async () => {
  const mount = 'RUN --mount=type=secret,id=NPM_TOKEN';
  const { image, lines, result } = await build(
    `${mount} busybox cat /run/secrets/NPM_TOKEN && busybox test "$(busybox cat /run/secrets/NPM_TOKEN)" = "${secret}" && echo same`,
  );
  await result;
  expect(lines).toEqual(expect.arrayContaining(['***same']));
  expect(lines.join('\n')).not.toContain(secret);
  expect(workspace.logged()).not.toContain(secret);
  const after = await build(
    `COPY --from=${image} / /copy\nRUN busybox grep -r "${secret.slice(0, 9)}" /copy || echo nothing`,
  );
  await after.result;
  expect(after.lines).toContain('nothing');
});

test('a step without a mount does not see the secret', async () => {
  const { lines, result } = await build('RUN busybox ls /run/secrets 2>/dev/null || echo none; busybox env');
  await result;
  expect(lines).toContain('none');
  expect(lines.join('\n')).not.toContain('NPM_TOKEN');
});

test('a secret outside the recipe is missing, and fails the build when it is required', async () => {
  const { lines, result } = await build('RUN --mount=type=secret,id=OTHER busybox ls /run/secrets/OTHER || echo none');
  await result;
  expect(lines).toContain('none');
  const required = await build('RUN --mount=type=secret,id=OTHER,required=true echo ran');
  const fault = await faultOf(required.result);
  expect(fault).toMatchObject({ code: 'build_failed', message: expect.stringContaining('OTHER') });
  expect(required.lines).not.toContain('ran');
});

test('the error of a build masks its secrets', async () => {
  const { result } = await build('RUN --mount=type=secret,id=NPM_TOKEN busybox cat /run/secrets/NPM_TOKEN; exit 1');
  const { message } = await faultOf(result);
  expect(message).toContain('***');
  expect(message).not.toContain(secret);
});

test('a cache mount is available in the next build', async () => {
  const id = baseImage.slice(-10, -2);
  const step = (name: string) =>
    `RUN --mount=type=cache,id=${id},target=/cache busybox ls /cache; busybox touch /cache/${name} # ${name}`;
  await (await build(step('first'))).result;
  const { lines, result } = await build(step('second'));
  await result;
  expect(lines).toContain('first');
});
