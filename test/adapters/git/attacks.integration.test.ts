import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import { createImageBuilder } from '../../../src/adapters/images/image-builder.ts';
import { imageReference } from '../../../src/model/image-tag.ts';
import { buildRecipeSchema } from '../../../src/model/plugin.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { type GitServer, serveGit } from '../../support/adapters/git/http-server.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { docker, noAccounts } from '../../support/adapters/images/base-image.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { processesWith } from '../../support/adapters/images/scripts/processes.ts';
import { writeTar } from '../../support/adapters/images/tar.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const { signal } = new AbortController();
let workspace: Workspace;
let repositories: Repositories;
let origin: TestRepository;
let server: GitServer;
let head: string;
let canary: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  canary = join(workspace.path, 'canary');
  origin = await createRepository(join(workspace.path, 'served', 'origin'));
  head = await origin.commit('first', { Dockerfile: 'FROM scratch\nLABEL a=b\n', 'service/a.txt': 'a' });
  server = await serveGit(join(workspace.path, 'served'));
  const directory = join(workspace.path, 'mirrors');
  repositories = createRepositories({ directory, allowFileUrls: true, log: workspace.log });
  // A program that attacks may run, besides their own commands.
  await writeFile(join(workspace.path, 'evil'), `#!/bin/sh\n: >${canary}\n`);
  await chmod(join(workspace.path, 'evil'), 0o755);
});
afterEach(() => expect(existsSync(canary)).toBe(false));
afterAll(async () => {
  server.close();
  await workspace.remove();
});

/** Configuration and options that make git run a program, from the attack vectors of simple-git's argv-parser. */
const configurations = [
  'alias.fetch=!EVIL',
  'core.askPass=EVIL',
  'core.editor=EVIL',
  'core.fsmonitor=EVIL',
  'core.gitProxy=EVIL',
  'core.hooksPath=FOLDER',
  'core.pager=EVIL',
  'core.sshCommand=EVIL',
  'credential.helper=!EVIL',
  'credential.https://127.0.0.1.helper=!EVIL',
  'diff.external=EVIL',
  'diff.evil.textconv=EVIL',
  'filter.evil.smudge=EVIL',
  'filter.evil.clean=EVIL',
  'gpg.program=EVIL',
  'init.templateDir=FOLDER',
  'merge.evil.driver=EVIL',
  'mergetool.evil.cmd=EVIL',
  'protocol.ext.allow=always',
  'PROTOCOL.ALLOW=always',
  'remote.origin.uploadpack=EVIL',
  'sequence.editor=EVIL',
  'uploadpack.packObjectsHook=EVIL',
  'url.ext::EVIL.insteadOf=https://',
];
const attacks = [
  ...configurations.map((one) => `-c ${one}`),
  ...['-ccore.sshCommand=EVIL', '--config=core.sshCommand=EVIL', '--config core.sshCommand=EVIL'],
  '--config-env=core.sshCommand=PATH',
  ...['-u EVIL', '-uEVIL', '-4u EVIL', '-u4 EVIL', '-vu EVIL', '-qu EVIL', '-nu EVIL', '-lu EVIL', '--u EVIL', '-xu'],
  ...['--upload-pack=EVIL', '--receive-pack=EVIL', '--exec=EVIL', '--exec EVIL', '--upload-p=EVIL', '--up EVIL'],
  ...['--template=FOLDER', '--exec-path=FOLDER', '--git-dir=FOLDER', '--work-tree=FOLDER', '--namespace=x'],
  ...['--output=CANARY', '-oCANARY', '--separate-git-dir=CANARY', '--reference=FOLDER', '--open-files-in-pager=EVIL'],
  ...['--detach', '--', '--help', '--version', '-', '--end-of-options', '--stdin', '--batch-check', '@{-1}', ':/EVIL'],
  ...['ext::EVIL', 'ext::sh -c "EVIL"', 'ext::sh -c EVIL% x', 'EXT::EVIL', 'fd::3,4/x', 'transport::EVIL', 'git::EVIL'],
  ...['ssh://-oProxyCommand=EVIL/x', 'git@-oProxyCommand=EVIL:x', 'ssh://git@h.invalid:-oProxyCommand=EVIL/x'],
  ...['$(EVIL)', '`EVIL`', ';EVIL', '|EVIL', '&&EVIL', '\nEVIL', '\r\nEVIL', 'x\0EVIL', '"; EVIL; "', "'; EVIL; '"],
];
/** A sample of the configuration attacks, for tests in which each needs a build or a clone. */
const different = attacks.filter((attack) => !/^-c (?!core\.sshCommand)/.test(attack));
const filledIn = (attack: string): string =>
  attack
    .replaceAll('EVIL', join(workspace.path, 'evil'))
    .replaceAll('FOLDER', workspace.path)
    .replaceAll('CANARY', canary);

describe.each(attacks)('the attack %j is refused, and nothing is executed', (attack) => {
  const text = () => filledIn(attack);

  test('refuses the attack as an address in every operation', async () => {
    const asked = [
      repositories.resolve(text(), '', signal),
      repositories.newestTag(text(), 'v', signal),
      repositories.archive(text(), head, '.', signal),
      repositories.checkout(text(), head, signal),
    ];
    for (const fault of await Promise.all(asked.map(faultOf))) expect(fault.code).toBe('repository_refused');
  });

  test('refuses the attack as a version, a commit, a folder and a tag pattern', async () => {
    const refs = ['ref_invalid', 'ref_not_found'];
    expect(refs).toContain((await faultOf(repositories.resolve(origin.url, text(), signal))).code);
    expect(refs).toContain((await faultOf(repositories.checkout(origin.url, text(), signal))).code);
    const folder = await faultOf(repositories.archive(origin.url, head, text(), signal));
    expect(['plugin_invalid', 'build_failed']).toContain(folder.code);
    const tag = await faultOf(repositories.newestTag(origin.url, text(), signal));
    expect(['ref_not_found', 'input_invalid']).toContain(tag.code);
  });

  test('refuses the attack as the name of an image, a stage, an argument and a builder', () => {
    const name = (imageTarget: string) => () => imageReference({ registry: '', imageTarget, commit: head });
    expect(name(text())).toThrow('is not a valid image name');
    for (const recipe of [{ target: text() }, { args: { [text()]: 'x' } }, { script: 'true', builder: text() }]) {
      expect(buildRecipeSchema.safeParse(recipe).success).toBe(false);
    }
  });
});

test('no attack works as the address, the path or the update command of a submodule', async () => {
  const evil = await createRepository(join(workspace.path, 'served', 'evil'));
  for (const attack of [...different.map(filledIn), 'file:///etc', '/etc', 'https://u:p@127.0.0.1/x']) {
    // A value of git's configuration cannot contain NUL or a line break.
    const url = JSON.stringify(attack.replaceAll('\0', '')).replaceAll('\\r', '');
    const update = `\tupdate = !${join(workspace.path, 'evil')}\n`;
    await writeFile(join(evil.path, '.gitmodules'), `[submodule "x"]\n\tpath = x\n\turl = ${url}\n${update}`);
    evil.git('add', '.gitmodules');
    evil.git('update-index', '--add', '--cacheinfo', `160000,${head},x`);
    evil.git('commit', '--quiet', '--allow-empty', '-m', 'attack');
    const address = `http://${server.host}/evil/.git`;
    const fault = await faultOf(repositories.checkout(address, evil.git('rev-parse', 'HEAD'), signal));
    expect([attack, fault.code]).toEqual([attack, 'repository_refused']);
  }
});

test('the update command of a submodule in .gitmodules is never run', async () => {
  const parent = await createRepository(join(workspace.path, 'served', 'parent'));
  await parent.commit('own', {
    '.gitmodules': `[submodule "x"]\n\tpath = x\n\turl = ../../origin/.git\n\tupdate = !${join(workspace.path, 'evil')}\n`,
  });
  parent.git('update-index', '--add', '--cacheinfo', `160000,${head},x`);
  parent.git('commit', '--quiet', '-m', 'submodule');
  const checkout = await repositories.checkout(
    `http://${server.host}/parent/.git`,
    parent.git('rev-parse', 'HEAD'),
    signal,
  );
  expect(existsSync(join(checkout.directory, 'source', 'x', 'Dockerfile'))).toBe(true);
  await checkout.remove();
});

test('no attack works as the path of a Dockerfile or the value of an argument', async () => {
  const builder = createImageBuilder({
    docker,
    registries: [],
    accountOf: noAccounts,
    baseImage: 'scratch',
    log: workspace.log,
  });
  const tarPath = await writeTar(join(workspace.path, 'context.tar'), {
    Dockerfile: 'FROM scratch\nLABEL a=b\nCOPY none /\n',
  });
  const request = { image: 'brightbird-test/attacked:1', repo: origin.url, commit: head, tarPath, secrets: {}, signal };
  const recipes = different.map(filledIn).flatMap((attack) => {
    return [{ dockerfile: attack }, { args: { A: attack.replaceAll('\0', '') } }];
  });
  // One after the other: Docker 20.10 crashes when many builds of one context fail at once (BuildKit, solver/jobs.go).
  for (const recipe of recipes) {
    const work = builder.build({ ...request, recipe: buildRecipeSchema.parse(recipe), onOutput: () => undefined });
    expect([recipe, (await faultOf(work)).code]).toEqual([recipe, 'build_failed']);
  }
});

test('the hooks, settings and filters of a repository are not run in a working tree', async () => {
  const loaded = await createRepository(join(workspace.path, 'served', 'loaded'));
  const evil = join(workspace.path, 'evil');
  await loaded.commit('loaded', {
    '.gitattributes': '* filter=evil diff=evil merge=evil\n*.bin filter=lfs\n',
    '.gitconfig': `[filter "evil"]\n\tsmudge = ${evil}\n[core]\n\tfsmonitor = ${evil}\n\thooksPath = .githooks\n`,
    '.githooks/post-checkout': `#!/bin/sh\n${evil}\n`,
    'hooks/post-checkout': `#!/bin/sh\n${evil}\n`,
    'a.txt': 'a',
  });
  for (const [name, value] of configurations.map((one) => filledIn(one).split(/=(.*)/s))) {
    loaded.git('config', name ?? '', value ?? '');
  }
  for (const url of [loaded.url, `http://${server.host}/loaded/.git`]) {
    const { commit } = await repositories.resolve(url, '', signal);
    await (await repositories.checkout(url, commit, signal)).remove();
    await rm(await repositories.archive(url, commit, '.', signal));
  }
});

test('the token is in no command line while git waits for the server', async () => {
  const secret = 'tok3n-that-unknown-may-see';
  let seen: string[] | undefined;
  let transports: string[] = [];
  const silent = createServer((request, response) => {
    if (!request.headers.authorization) return void response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
    seen = processesWith(secret);
    transports = processesWith('remote-http');
    request.socket.destroy();
  });
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const options = { directory: join(workspace.path, 'token'), token: `${host}=${secret}`, allowFileUrls: false };
  const asking = createRepositories({ ...options, log: workspace.log }).resolve(`http://${host}/x`, '', signal);
  expect((await faultOf(asking)).code).toBe('repository_unavailable');
  silent.close();
  expect(transports).not.toEqual([]);
  expect(seen).toEqual([]);
});
