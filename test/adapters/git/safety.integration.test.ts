import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { type GitServer, serveGit } from '../../support/adapters/git/http-server.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const secret = 'tok3n-that-unknown-may-see';
const { signal } = new AbortController();
let workspace: Workspace;
let origin: TestRepository;
let canary: string;
let trusting: Repositories;
let strict: Repositories;

beforeAll(async () => {
  workspace = await createWorkspace();
  canary = join(workspace.path, 'canary');
  origin = await createRepository(join(workspace.path, 'origin'));
  await origin.commit('first');
  const options = { directory: join(workspace.path, 'mirrors'), log: workspace.log };
  trusting = createRepositories({ ...options, allowFileUrls: true });
  strict = createRepositories({ ...options, allowFileUrls: false });
});
afterAll(() => workspace.remove());
afterEach(() => expect(existsSync(canary)).toBe(false));

describe('addresses outside the allow-list are refused, and nothing is executed', () => {
  test.each([
    ['a transport helper', () => `ext::sh -c "touch ${canary}"`],
    ['a transport helper with encoded spaces', () => `ext::sh -c touch%20${canary}`],
    ['a transport helper of a file descriptor', () => 'fd::17'],
    ['a transport helper with a scheme inside', () => `foo::https://127.0.0.1/x`],
    ['an option', () => `--upload-pack=touch ${canary}`],
    ['an option behind the URL', () => `-u touch${canary}`],
    ['a configuration', () => `-c core.sshCommand=touch ${canary}`],
    ['ssh with an option for a host', () => `ssh://-oProxyCommand=touch%20${canary}/x`],
    ['ssh with an option for a user', () => `ssh://-oProxyCommand=touch@127.0.0.1/x`],
    ['user@host with an option for a host', () => `git@-oProxyCommand=touch:x`],
    ['an option for a host, without a user', () => `-oProxyCommand=touch ${canary}:x`],
    ['user@host with an option for a path', () => `git@127.0.0.1:--upload-pack=touch`],
    ['the git protocol, which authenticates no one', () => 'git://127.0.0.1/x'],
    ['ftp', () => 'ftp://127.0.0.1/x'],
    ['an unknown scheme', () => 'javascript:alert(1)'],
    ['a relative path', () => '../origin'],
    ['owner and name', () => 'owner/name'],
    ['a line break', () => `https://127.0.0.1/x\n--upload-pack=touch ${canary}`],
    ['an encoded line break', () => 'https://127.0.0.1/x%0ahost=evil.invalid'],
    ['a NUL', () => 'https://127.0.0.1/x\0y'],
    ['a backslash', () => 'https://127.0.0.1\\@evil.invalid/x'],
    ['nothing', () => ''],
    ['a query', () => 'https://127.0.0.1/x?token=1'],
    ['a host without a repository', () => 'https://127.0.0.1/'],
  ])('refuses the address: %s', async (_, url) => {
    expect((await faultOf(trusting.resolve(url(), '', signal))).code).toBe('repository_refused');
    expect((await faultOf(trusting.archive(url(), 'a'.repeat(40), '.', signal))).code).toBe('repository_refused');
  });

  test.each([
    ['a file URL', () => origin.url],
    ['a path', () => origin.path],
    ['a file URL in capitals', () => origin.url.replace('file', 'FILE')],
  ])('refuses %s unless the server allows it', async (_, url) => {
    const fault = await faultOf(strict.resolve(url(), '', signal));
    expect(fault).toMatchObject({ code: 'repository_refused', hint: expect.stringContaining('GIT_ALLOW_FILE_URLS') });
    expect((await trusting.resolve(url(), '', signal)).commit).toBe(origin.git('rev-parse', 'HEAD'));
  });

  test.each([
    `https://user:${secret}@127.0.0.1/x`,
    `https://${secret}@127.0.0.1/x`,
    `http://x:${secret}@127.0.0.1/x`,
    `ssh://git:${secret}@127.0.0.1/x`,
  ])('refuses credentials in the URL and does not repeat them in the error', async (url) => {
    const fault = await faultOf(strict.resolve(url, '', signal));
    expect(fault.code).toBe('repository_refused');
    expect(fault.hint).toContain('GIT_TOKEN');
    expect(JSON.stringify(fault.report())).not.toContain(secret);
  });
});

describe('versions that cannot name a commit, branch or tag are refused, and nothing is executed', () => {
  test.each([
    ...['-', '--', '--detach', '-c core.sshCommand=touch', '--exec=touch', '--output=/tmp/x', '-b', '--end-of-options'],
    ...['main..trunk', 'HEAD^', 'HEAD~2', 'main@{1}', '@', 'HEAD:README.md', ':/first', 'a b', 'a\nb', 'a\tb', 'a\0b'],
    ...[
      'a\\b',
      'a*',
      'a?',
      'a[b',
      '.hidden',
      'a/.b',
      'a.lock',
      'a.lock/b',
      'a//b',
      '/a',
      'a/',
      'a.',
      '../../etc/passwd',
    ],
    ...['a\u007f', 'x'.repeat(256)],
  ])('refuses the version %j', async (version) => {
    expect((await faultOf(trusting.resolve(origin.url, version, signal))).code).toBe('ref_invalid');
    expect((await faultOf(trusting.archive(origin.url, version, '.', signal))).code).toBe('ref_invalid');
  });

  test.each([`--upload-pack=touch canary`, `--output=canary`])(
    'refuses the version %j even if it names a real command',
    async (version) => {
      const text = version.replace('canary', canary);
      expect((await faultOf(trusting.resolve(origin.url, text, signal))).code).toBe('ref_invalid');
    },
  );

  test.each(['$(touch x)', '`touch`', ';touch', '|touch', '&&touch', '%s', "'"])(
    'the version %j, a command only to a shell, is not found',
    async (version) => {
      const fault = await faultOf(trusting.resolve(origin.url, version.replace(' ', '_'), signal));
      expect(fault.code).toBe('ref_not_found');
    },
  );

  test.each(['..', '../..', '/etc', 'a/../../b', 'a\0b', 'a\nb'])(
    'refuses the folder %j of an archive',
    async (folder) => {
      const commit = origin.git('rev-parse', 'HEAD');
      expect((await faultOf(trusting.archive(origin.url, commit, folder, signal))).code).toBe('plugin_invalid');
    },
  );
});

describe('git runs no program from this machine or the repository', () => {
  test('git ignores hooks and the configuration of user, system and environment', async () => {
    const home = join(workspace.path, 'home');
    const evil = join(workspace.path, 'evil');
    await mkdir(home);
    await writeFile(evil, `#!/bin/sh\ntouch ${canary}\n`);
    await chmod(evil, 0o755);
    await writeFile(
      join(home, '.gitconfig'),
      `[core]\n\thooksPath = ${workspace.path}\n\tfsmonitor = ${evil}\n\tsshCommand = ${evil}\n[credential]\n\thelper = ${evil}\n`,
    );
    const before = { ...process.env };
    Object.assign(process.env, {
      HOME: home,
      GIT_SSH_COMMAND: evil,
      GIT_ASKPASS: evil,
      GIT_PROXY_COMMAND: evil,
      GIT_EXTERNAL_DIFF: evil,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.sshCommand',
      GIT_CONFIG_VALUE_0: evil,
    });
    try {
      await trusting.resolve(origin.url, 'main', signal);
      for (const mirror of (await readdir(join(workspace.path, 'mirrors'))).filter((name) => name.endsWith('.git'))) {
        const hooks = join(workspace.path, 'mirrors', mirror, 'hooks');
        await mkdir(hooks, { recursive: true });
        for (const hook of ['reference-transaction', 'post-checkout', 'post-merge']) {
          await writeFile(join(hooks, hook), await readFile(evil));
          await chmod(join(hooks, hook), 0o755);
        }
      }
      const commit = await origin.commit('with hooks in the mirror');
      expect((await trusting.resolve(origin.url, 'main', signal)).commit).toBe(commit);
      await faultOf(trusting.resolve('ssh://git@127.0.0.1:1/x', '', signal));
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });

  test('git ignores filters in the attributes of a repository', async () => {
    const filtered = await createRepository(join(workspace.path, 'filtered'));
    const commit = await filtered.commit('filters', {
      '.gitattributes': '* filter=evil\n*.bin filter=lfs\n',
      '.gitconfig': `[filter "evil"]\n\tsmudge = touch ${canary}\n`,
      '.lfsconfig': `[lfs]\n\turl = https://127.0.0.1:1/\n`,
      'big.bin': 'version https://git-lfs.github.com/spec/v1\n',
    });
    const tar = await trusting.archive(filtered.url, commit, '.', signal);
    expect((await readFile(tar, 'latin1')).includes('git-lfs.github.com')).toBe(true);
    await rm(tar);
  });
});

describe('the git token', () => {
  let server: GitServer;
  let traces: string;
  let path: string | undefined;

  beforeAll(async () => {
    await createRepository(join(workspace.path, 'served', 'private')).then((repo) => repo.commit('secret work'));
    server = await serveGit(join(workspace.path, 'served'), secret);
    // A wrapper of git that records its arguments.
    traces = join(workspace.path, 'traces');
    const bin = join(workspace.path, 'bin');
    await mkdir(bin);
    path = process.env.PATH;
    await writeFile(join(bin, 'git'), `#!/bin/sh\necho "$@" >>${traces}\nPATH="${path}" exec git "$@"\n`);
    await chmod(join(bin, 'git'), 0o755);
    process.env.PATH = `${bin}${delimiter}${path}`;
  });
  afterAll(() => {
    process.env.PATH = path;
    server.close();
  });

  const withToken = (token: string, name: string): Repositories =>
    createRepositories({ directory: join(workspace.path, name), token, allowFileUrls: false, log: workspace.log });

  test('the token opens a private repository and appears in no command line, file, log or error', async () => {
    const repositories = withToken(`other.invalid=x,${server.host}=${secret}`, 'with-token');
    const url = `http://${server.host}/private/.git`;
    const { commit } = await repositories.resolve(url, '', signal);
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    const fault = await faultOf(repositories.resolve(url, 'no-such-branch', signal));
    expect(fault.code).toBe('ref_not_found');
    const calls = readFileSync(traces, 'utf8');
    expect(calls).toContain(url);
    const encoded = Buffer.from(`x-access-token:${secret}`).toString('base64');
    expect(server.authorizations).toContain(`Basic ${encoded}`);
    for (const text of [calls, workspace.logged(), JSON.stringify(fault.report())]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(encoded);
    }
    const files = await readdir(join(workspace.path, 'with-token'), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      expect((await readFile(join(file.parentPath, file.name))).includes(secret)).toBe(false);
    }
  });

  test('the token is not sent to another host', async () => {
    server.authorizations.length = 0;
    const fault = await faultOf(withToken(secret, 'github').resolve(`http://${server.host}/private/.git`, '', signal));
    expect(fault).toMatchObject({ code: 'repository_not_found', hint: expect.stringContaining('GIT_TOKEN') });
    expect(server.authorizations.filter((header) => header !== '')).toEqual([]);
  });

  test('an invalid token causes an error that does not show it', async () => {
    const wrong = `wrong-${secret}`;
    const repositories = withToken(`${server.host}=${wrong}`, 'wrong');
    const fault = await faultOf(repositories.resolve(`http://${server.host}/private/.git`, '', signal));
    expect(fault.code).toBe('repository_not_found');
    expect(fault.message).toContain('Authentication failed');
    expect(JSON.stringify(fault.report())).not.toContain(secret);
  });
});

describe('a repository over HTTP', () => {
  test('a missing repository is distinguished from a failing server', async () => {
    const server = await serveGit(join(workspace.path, 'served'));
    const missing = await faultOf(strict.resolve(`http://${server.host}/none.git`, '', signal));
    expect(missing.code).toBe('repository_not_found');
    expect((await strict.resolve(`http://${server.host}/private/.git`, 'main', signal)).commit).toMatch(
      /^[0-9a-f]{40}$/,
    );
    server.close();
    const away = await faultOf(strict.resolve(`http://${server.host}/private/.git`, 'main', signal));
    expect(away.code).toBe('repository_unavailable');
  });

  test('an unreadable repository leaves no mirror behind', async () => {
    const directory = join(workspace.path, 'nothing-kept');
    const repositories = createRepositories({ directory, allowFileUrls: true, log: workspace.log });
    await faultOf(repositories.resolve('http://127.0.0.1:1/x', '', signal));
    await faultOf(repositories.resolve('/no/such/repository', '', signal));
    expect(await readdir(directory)).toEqual([]);
  });
});
