import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AccountOf, createAccounts } from '../../../src/adapters/images/accounts.ts';
import { createImageBuilder } from '../../../src/adapters/images/image-builder.ts';
import { buildRecipeSchema } from '../../../src/model/plugin.ts';
import type { ImageBuilder } from '../../../src/model/ports/images.ts';
import { createBaseImage, docker, noAccounts, removeImages } from '../../support/adapters/images/base-image.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { basicOf, forward, serveRegistry } from '../../support/adapters/images/http-registry.ts';
import { writeTar } from '../../support/adapters/images/tar.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const { REGISTRY } = process.env;
if (!REGISTRY) process.stderr.write('SKIPPED: the tests on a registry, as REGISTRY is not set\n');
let workspace: Workspace;
let baseImage: string;

beforeAll(async () => {
  [workspace, baseImage] = await Promise.all([createWorkspace(), createBaseImage()]);
});
afterAll(async () => {
  await removeImages(baseImage);
  await workspace.remove();
});

const builderOf = (...names: string[]): ImageBuilder =>
  createImageBuilder({ docker, baseImage, registries: names, accountOf: noAccounts, log: workspace.log });
async function build(builder: ImageBuilder, image: string, dockerfile = 'ARG BASE_IMAGE\nFROM $BASE_IMAGE\n') {
  const tarPath = await writeTar(join(workspace.path, 'context.tar'), { Dockerfile: dockerfile });
  const request = { image, repo: 'https://git.invalid/x', commit: 'c'.repeat(40), tarPath };
  const { signal } = new AbortController();
  return builder.build({
    ...request,
    recipe: buildRecipeSchema.parse({}),
    secrets: {},
    onOutput: () => undefined,
    signal,
  });
}

(REGISTRY ? describe : describe.skip)('several registries', () => {
  /** Part of all names, so that other users of the registry do not interfere. */
  const mine = randomBytes(4).toString('hex');
  const [first, second] = [`${REGISTRY}/first-${mine}`, `${REGISTRY}/second-${mine}`];
  const nameIn = (registry: string, tag: string): string => `${registry}/base-${baseImage.slice(-10, -2)}:${tag}`;

  test('registries are searched in order, and the image has the name and digest of the first that has it', async () => {
    const { digest } = await build(builderOf(second), nameIn(second, 'v1'));
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const both = builderOf(first, second);
    expect(await both.find(nameIn(first, 'v1'))).toEqual({ digest, image: nameIn(second, 'v1') });
    await build(both, nameIn(first, 'v1'));
    expect(await both.find(nameIn(first, 'v1'))).toEqual({ digest: expect.stringMatching(/^sha256:/) });
    expect(await both.find(nameIn(first, 'v2'))).toBeUndefined();
  });

  test('a failing registry is named, also when other registries lack the image', async () => {
    const failing = await serveRegistry((_request, response) => void response.writeHead(502).end());
    const fault = await faultOf(builderOf(first, failing.host).find(nameIn(first, 'none')));
    expect(fault).toMatchObject({ code: 'registry_refused', message: expect.stringContaining(failing.host) });
    failing.close();
  });

  test('the image of a build script is used from the registry or pushed from the engine', async () => {
    const builder = builderOf(first);
    const made = {
      image: nameIn(first, 'script'),
      repo: 'https://git.invalid/x',
      signal: new AbortController().signal,
    };
    expect((await faultOf(builder.publish(made))).code).toBe('build_failed');
    await docker.getImage(baseImage).tag({ repo: made.image.replace(':script', ''), tag: 'script' });
    const published = await builder.publish(made);
    expect(published).toEqual({ digest: expect.stringMatching(/^sha256:/) });
    await docker.getImage(made.image).remove();
    expect(await builder.publish(made)).toEqual(published);
  });
});

(REGISTRY ? describe : describe.skip)('a base image', () => {
  test('a base image is pulled with the account for its registry', async () => {
    const name = `base-${baseImage.slice(-10, -2)}`;
    await build(builderOf(`${REGISTRY}`), `${REGISTRY}/${name}:private`);
    const account = { username: 'team', password: 'a password' };
    const wanted = basicOf(account.username, account.password);
    const guarded = await serveRegistry((request, response) => {
      if (request.headers.authorization === wanted) return void forward(`http://${REGISTRY}`, request, response);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="team"' }).end();
    });
    const from = `FROM ${guarded.host}/${name}:private\nLABEL from=private\n`;
    const buildFrom = (accountOf: AccountOf, image: string) => {
      const builder = createImageBuilder({ docker, baseImage, registries: [], accountOf, log: workspace.log });
      return build(builder, image, `${from}LABEL of=${image}\n`);
    };
    const accountFor =
      (prefix: string): AccountOf =>
      async (image) =>
        image.startsWith(prefix) ? account : undefined;
    try {
      const elsewhere = `brightbird-test/${name}:private`;
      const fault = await faultOf(buildFrom(noAccounts, elsewhere));
      expect(fault).toMatchObject({ code: 'build_failed', message: expect.stringContaining(guarded.host) });
      await buildFrom(accountFor(`${guarded.host}/`), elsewhere);
      await docker.getImage(elsewhere).remove();
      await buildFrom(accountFor(`${guarded.host}/team/`), `${guarded.host}/team/${name}:private`);
    } finally {
      guarded.close();
    }
  });
});

describe('the account for an image', () => {
  const auth = (text: string) => Buffer.from(text).toString('base64');
  const own = { username: 'own', password: 'x' };

  test('the account is that of the settings at the first registry, and of the file elsewhere', async () => {
    const authFile = join(workspace.path, 'config.json');
    const auths = {
      'r.invalid:5000': { auth: auth('host:a:b') },
      'r.invalid:5000/team': { username: 'team', password: 'c' },
      'https://index.docker.io/v1/': { auth: auth('hub:d') },
      'helper.invalid': {},
      'first.invalid': { auth: auth('file:e') },
    };
    await writeFile(authFile, JSON.stringify({ auths, credsStore: 'desktop' }));
    const accountOf = createAccounts({ registry: 'first.invalid', account: own, authFile });
    expect(await accountOf('first.invalid/greeter:v1')).toEqual(own);
    expect(await accountOf('r.invalid:5000/greeter:v1')).toEqual({ username: 'host', password: 'a:b' });
    expect(await accountOf('r.invalid:5000/team/greeter:v1')).toEqual({ username: 'team', password: 'c' });
    expect(await accountOf('docker.io/acme/greeter:v1')).toEqual({ username: 'hub', password: 'd' });
    for (const none of ['helper.invalid/x:1', 'other.invalid/x:1', 'r.invalid/x:1']) {
      expect(await accountOf(none)).toBeUndefined();
    }
    await writeFile(authFile, JSON.stringify({ auths: { 'other.invalid': { auth: auth('new:f') } } }));
    expect(await accountOf('other.invalid/x:1')).toEqual({ username: 'new', password: 'f' });
  });

  test.each([
    ['is missing', undefined],
    ['is no JSON', '{"auths": {"r.invalid": {"auth": "s3cret'],
    ['has another form', '{"auths": ["s3cret"]}'],
  ])('the lookup of an account fails with the path only when the file %s', async (_, text) => {
    const authFile = join(workspace.path, `${Math.random()}.json`);
    if (text !== undefined) await writeFile(authFile, text);
    const accountOf = createAccounts({ registry: '', account: undefined, authFile });
    const fault = await faultOf(accountOf('r.invalid/x:1'));
    expect(fault).toMatchObject({ code: 'registry_refused', message: expect.stringContaining(authFile) });
    expect(`${fault.message} ${String(fault.cause)}`).not.toContain('s3cret');
  });
});
