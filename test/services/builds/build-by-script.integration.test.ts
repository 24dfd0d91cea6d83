import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import { createImageBuilder } from '../../../src/adapters/images/image-builder.ts';
import { createScriptRunner } from '../../../src/adapters/images/scripts/script-runner.ts';
import { imageReference } from '../../../src/model/image-tag.ts';
import { type PluginDef, pluginDefSchema, recipeOf } from '../../../src/model/plugin.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { buildByScript } from '../../../src/services/builds/build-by-script.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { createBaseImage, docker, noAccounts, removeImages } from '../../support/adapters/images/base-image.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const token = 'tok3n-that-unknown-may-see';
let workspace: Workspace;
let origin: TestRepository;
let repositories: Repositories;
let baseImage: string;
let head: string;
let old: string;
/** Part of the names of this test's images, for their removal. */
let target: string;

beforeAll(async () => {
  [workspace, baseImage] = await Promise.all([createWorkspace(), createBaseImage()]);
  target = baseImage.replace('base-', 'scripted-').replace(':1', '');
  origin = await createRepository(join(workspace.path, 'greeter'), 'trunk');
  old = await origin.commit('old', { Dockerfile: `FROM ${baseImage}\nCOPY . /src\n`, 'main.txt': 'old' });
  origin.git('tag', '-a', 'v1.0.0', '-m', 'release');
  head = await origin.commit('new', { 'main.txt': 'new' });
  const opened = createRepositories({
    directory: join(workspace.path, 'mirrors'),
    allowFileUrls: true,
    log: workspace.log,
  });
  repositories = { ...opened, tokenOf: () => token };
});
afterEach(async () => {
  for (const folder of ['worktrees', 'archives']) {
    expect(await readdir(join(workspace.path, 'mirrors', folder)).catch(() => [])).toEqual([]);
  }
});
afterAll(async () => {
  await removeImages(baseImage);
  await workspace.remove();
});

const plugin = (more: Record<string, unknown>): PluginDef =>
  pluginDefSchema.parse({ name: 'greeter-deploy', version: 'v1.0.0', pluginType: 'Deployer', ...more });

async function build(more: Record<string, unknown>, commit = head, signal = new AbortController().signal) {
  const { script = '', ...recipe } = recipeOf(plugin(more));
  const image = imageReference({ registry: '', imageTarget: target, commit, recipe: { ...recipe, script } });
  const lines: string[] = [];
  const ports = {
    repositories,
    images: createImageBuilder({ docker, registries: [], accountOf: noAccounts, baseImage, log: workspace.log }),
    scripts: createScriptRunner(docker, async () => undefined),
    scriptSettings: {
      registry: '',
      proxy: 'http://proxy.invalid:3128',
      dockerHost: undefined,
      secrets: [],
      secretStore: join(workspace.path, 'secrets'),
    },
  };
  const input = { image, repo: origin.url, commit, recipe: { ...recipe, script } };
  /** Content of the folder of build contexts during the build. */
  const archives = new Set<string>();
  const onOutput = async (line: string): Promise<void> => {
    lines.push(line);
    const names = await readdir(join(workspace.path, 'mirrors', 'archives')).catch(() => []);
    for (const name of names) archives.add(name);
  };
  return { image, lines, archives, result: buildByScript(ports, input, { onOutput, signal }) };
}

describe('buildByScript', () => {
  test('buildByScript builds the image of the commit with the script', async () => {
    const script = 'test "$(cat main.txt)" = old\ngit describe --exact-match --match "v*"\ndocker build -t "$IMAGE" .';
    const { image, lines, result } = await build({ build: { script } }, old);
    expect(image).toMatch(new RegExp(`^${target}:${old}-[0-9a-f]{8}$`));
    expect(await result).toEqual({ digest: (await docker.getImage(image).inspect()).Id });
    expect(lines).toEqual(expect.arrayContaining(['v1.0.0', `+ docker build -t ${image} .`]));
  });

  test('buildByScript renders a script in the form of the original, whose image may be named by the commit only', async () => {
    const buildScript = `sed -i '1 i\\# by {{.Proxy}}' Dockerfile\nhead -1 Dockerfile\ndocker build -t ${target}:{{.Commit}} .`;
    const { image, lines, result } = await build({ buildScript });
    await result;
    expect(lines).toContain('# by http://proxy.invalid:3128');
    expect((await docker.getImage(image).inspect()).RepoTags).toContain(`${target}:${head}`);
  });

  test('buildByScript passes values and arguments, and the token only to a script that names it', async () => {
    const told = `echo "$COMMIT $IMAGE [$REGISTRY] $PROXY $FLAVOUR [$TOKEN_IS]"\nexit 1`;
    const without = await build({ build: { script: told, args: { FLAVOUR: 'sweet' } } });
    await faultOf(without.result);
    expect(without.lines).toContain(`${head} ${without.image} [] http://proxy.invalid:3128 sweet []`);
    const seen = await build({ build: { script: 'env' } });
    await faultOf(seen.result);
    expect(seen.lines.filter((line) => line.startsWith('GIT_TOKEN'))).toEqual([]);
    const named = await build({ build: { script: 'echo "$GIT_TOKEN {{.GitToken}}"; env' } });
    await faultOf(named.result);
    expect(named.lines).toEqual(expect.arrayContaining(['*** ***', 'GIT_TOKEN=***']));
    expect(named.lines.join('\n')).not.toContain(token);
  });

  test('buildByScript passes the secrets of the recipe as variables and masks them in the log', async () => {
    await mkdir(join(workspace.path, 'secrets'), { recursive: true });
    await writeFile(join(workspace.path, 'secrets/npm-token'), 'a secret of the team\n');
    const script = '[ "$NPM_TOKEN" = "a secret of the team" ] && echo same; echo "with $NPM_TOKEN"; exit 1';
    const { lines, result } = await build({ build: { script, secrets: { NPM_TOKEN: 'npm-token' } } });
    const { message } = await faultOf(result);
    expect(lines).toEqual(expect.arrayContaining(['same', 'with ***']));
    expect([...lines, message].join('\n')).not.toContain('secret of the team');
  });

  test('buildByScript names a missing secret in its fault and does not run the script', async () => {
    const { lines, result } = await build({ build: { script: 'echo ran', secrets: { TOKEN: 'nothing' } } });
    expect(await faultOf(result)).toMatchObject({
      code: 'secret_invalid',
      message: expect.stringContaining('nothing'),
    });
    expect(lines).toEqual([]);
  });

  test('buildByScript fails if the script makes no image, and names the image', async () => {
    const { image, result } = await build({ build: { script: 'echo "$IMAGE"' } });
    expect(await faultOf(result)).toMatchObject({ code: 'build_failed', message: expect.stringContaining(image) });
  });

  test('buildByScript rejects an invalid template with its position before the script runs', async () => {
    const { lines, result } = await build({ build: { script: 'echo first\necho {{.Nothing}}' } });
    expect(await faultOf(result)).toMatchObject({ code: 'template_invalid', where: { file: 'build.script', line: 2 } });
    expect(lines).toEqual([]);
  });

  test('buildByScript isolates changes of branches, tags and settings from the next build', async () => {
    const script =
      'git config user.name x; git config user.email x@y; git tag mine; git checkout -b mine; echo x >>main.txt; git commit -aqm x; git config core.hooksPath .; exit 1';
    await faultOf((await build({ build: { script } })).result);
    const next = await build({
      build: { script: 'git status --short; git tag; git branch -r; git remote -v; exit 1' },
    });
    await faultOf(next.result);
    const shown = next.lines.filter((line) => !line.startsWith('+'));
    expect(shown).toEqual([
      'v1.0.0',
      '  origin/trunk',
      `origin\t${origin.url} (fetch)`,
      `origin\t${origin.url} (push)`,
    ]);
  });

  test('buildByScript removes the working tree of an aborted build', async () => {
    const { result } = await build({ build: { script: 'sleep 600' } }, head, AbortSignal.timeout(1500));
    await expect(result).rejects.toThrow('aborted due to timeout');
  });
});

describe('a plugin with a builder', () => {
  test('buildByScript with a builder builds the Dockerfile from the result of the script', async () => {
    const script =
      'busybox mkdir out\necho "from $COMMIT" >out/made.txt\necho "FROM scratch\nCOPY made.txt /" >out/Containerfile';
    const recipe = { script, builder: baseImage, context: 'out', dockerfile: 'Containerfile' };
    const { image, lines, archives, result } = await build({ build: recipe });
    expect(await result).toEqual({ digest: (await docker.getImage(image).inspect()).Id });
    expect(lines).toContain('[1/1] COPY made.txt /');
    // A later worker recognizes the files of a killed worker by their names.
    expect([...archives].map((name) => name.includes(`~${process.pid}~`))).toEqual([true, true]);
  });

  test('buildByScript with a builder passes the secrets to the script and the Dockerfile', async () => {
    await mkdir(join(workspace.path, 'secrets'), { recursive: true });
    await writeFile(join(workspace.path, 'secrets/npm-token'), 'a secret of the team\n');
    const script =
      '[ "$NPM_TOKEN" = "a secret of the team" ] && echo "FROM $BASE\nRUN --mount=type=secret,id=NPM_TOKEN busybox cat /run/secrets/NPM_TOKEN" >Dockerfile';
    const recipe = { script, builder: baseImage, secrets: { NPM_TOKEN: 'npm-token' }, args: { BASE: baseImage } };
    const { lines, result } = await build({ build: recipe });
    await result;
    expect(lines).toContain('***');
    expect(lines.join('\n')).not.toContain('secret of the team');
  });

  test('buildByScript with a builder fails if the script leaves no Dockerfile', async () => {
    const { result } = await build({ build: { script: 'true', builder: baseImage, dockerfile: 'Gone' } });
    const fault = await faultOf(result);
    expect(fault.message).toContain('has no Gone');
    expect(fault.message).toContain('its build script created none');
  });

  test('a plugin with a builder requires a script', () => {
    expect(() => plugin({ build: { builder: 'golang:1' } })).toThrow('requires build.script');
  });
});
