import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig, registryAccount, requireServers } from '../../src/programs/config.ts';

function messageOf(environment: NodeJS.ProcessEnv): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('without any setting', () => {
  test('everything has its default, and only this machine can reach the API', () => {
    expect(readConfig({})).toEqual({
      HOST: '127.0.0.1',
      BRIGHTBIRD_HOME: resolve('.brightbird'),
      BRIGHTBIRD_CACHE: join(homedir(), '.cache', 'brightbird'),
      TEMPORAL_NAMESPACE: 'default',
      RUNTIME: 'docker',
      NAMESPACE: 'brightbird',
      REGISTRY: '',
      REGISTRIES: [],
      PLUGIN_STORE: resolve('.brightbird/plugins'),
      SECRET_STORE: resolve('.brightbird/secrets'),
      GIT_ALLOW_FILE_URLS: false,
      BUILD_SLOTS: 2,
      MIRROR_LIMIT_GB: 20,
      LOG_RETENTION_DAYS: 30,
      TASK_RETENTION_DAYS: 90,
      ENGINE_TIMEOUT_SECONDS: 300,
      ORPHAN_GRACE_MINUTES: 10,
      LOG_LEVEL: 'info',
    });
  });

  test('nor with empty ones, which count as unset', () => {
    const names = [
      ...Object.keys(readConfig({})),
      ...['PORT', 'BRIGHTBIRD_ADMIN_TOKEN', 'TEMPORAL_ADDRESS', 'MONGODB_URI', 'DOCKER_HOST', 'XDG_CACHE_HOME'],
    ];
    expect(readConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(readConfig({}));
  });

  test('what is not a setting of ours is left alone', () => {
    expect(readConfig({ PATH: '/bin', HOME: '/root', BRIGHTBIRD_UNKNOWN: 'x' })).toEqual(readConfig({}));
  });
});

describe('secrets of webhooks', () => {
  test('are one or several, so that they can be rotated', () => {
    const secretsOf = (text: string) => readConfig({ GITHUB_WEBHOOK_SECRET: text }).GITHUB_WEBHOOK_SECRET;
    expect(secretsOf('only one')).toEqual(['only one']);
    expect(secretsOf('the new one, the old one')).toEqual(['the new one', 'the old one']);
    expect(secretsOf('')).toBeUndefined();
  });

  test.each([',', 'new,', ' '])('"%s" has an empty one, which anybody could sign with', (text) => {
    expect(messageOf({ GITHUB_WEBHOOK_SECRET: text })).toContain('GITHUB_WEBHOOK_SECRET: one secret, or several');
  });

  test.each(['x', '1234567', 'a long enough one, short'])('"%s" has one that can be guessed', (text) => {
    expect(messageOf({ GITHUB_WEBHOOK_SECRET: text })).toContain(
      'GITHUB_WEBHOOK_SECRET: each secret has at least 8 characters',
    );
  });
});

describe('a token', () => {
  const texts = [
    'a token with spaces in it',
    'a-token-with-a-line-break\n',
    'a-token-with-nul\0-in-it',
    'ein-schlüssel-für-alle',
    'a-token-🚀-of-16-or-more',
  ];

  test.each(['BRIGHTBIRD_ADMIN_TOKEN', 'TEMPORAL_API_KEY', 'GIT_TOKEN'])(
    'that no header can carry is refused as %s, and not printed',
    (name) => {
      for (const text of texts) {
        const message = messageOf({ [name]: text });
        expect(message).toMatch(new RegExp(`${name}: visible ASCII characters only.*header of HTTP`));
        expect(message).not.toContain(text);
      }
    },
  );

  test('of all visible characters of ASCII is taken, and several of git', () => {
    const token = String.fromCharCode(...Array.from({ length: 94 }, (_, n) => 0x21 + n));
    expect(readConfig({ BRIGHTBIRD_ADMIN_TOKEN: token, TEMPORAL_API_KEY: token })).toMatchObject({
      BRIGHTBIRD_ADMIN_TOKEN: token,
      TEMPORAL_API_KEY: token,
    });
    expect(readConfig({ GIT_TOKEN: 'git.example.com=one, two' }).GIT_TOKEN).toBe('git.example.com=one, two');
  });
});

describe('paths', () => {
  test('are absolute, and those inside of the data directory follow it', () => {
    const config = readConfig({ BRIGHTBIRD_HOME: 'data/../here', BRIGHTBIRD_CACHE: 'cache' });
    expect(config).toMatchObject({
      BRIGHTBIRD_HOME: resolve('here'),
      BRIGHTBIRD_CACHE: resolve('cache'),
      PLUGIN_STORE: resolve('here/plugins'),
    });
    for (const path of [config.BRIGHTBIRD_HOME, config.BRIGHTBIRD_CACHE, config.PLUGIN_STORE]) {
      expect(isAbsolute(path)).toBe(true);
    }
  });

  test('of the plugin store and of the cache can be elsewhere', () => {
    expect(readConfig({ BRIGHTBIRD_HOME: '/data', PLUGIN_STORE: '/plugins' }).PLUGIN_STORE).toBe('/plugins');
    expect(readConfig({ PLUGIN_STORE: 'plugins' }).PLUGIN_STORE).toBe(resolve('plugins'));
    expect(readConfig({ XDG_CACHE_HOME: '/cache' }).BRIGHTBIRD_CACHE).toBe('/cache/brightbird');
    expect(readConfig({ XDG_CACHE_HOME: '/cache', BRIGHTBIRD_CACHE: '/mine' }).BRIGHTBIRD_CACHE).toBe('/mine');
  });
});

test('texts become the numbers and flags that they stand for', () => {
  const config = readConfig({ PORT: '0', BUILD_SLOTS: '64', GIT_ALLOW_FILE_URLS: 'true' });
  expect(config).toMatchObject({ PORT: 0, BUILD_SLOTS: 64, GIT_ALLOW_FILE_URLS: true });
});

test('amounts of resources are read by their names', () => {
  expect(readConfig({ COMPONENT_LIMITS: 'cpu=1.5,memory=128Mi' }).COMPONENT_LIMITS).toEqual({
    cpu: '1.5',
    memory: '128Mi',
  });
});

test('settings cannot be changed after they were read', () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true);
});

describe('a setting is refused by its name', () => {
  test.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['BUILD_SLOTS', '0'],
    ['BUILD_SLOTS', '65'],
    ['LOG_RETENTION_DAYS', '-1'],
    ['TASK_RETENTION_DAYS', '1.5'],
    ['TASK_RETENTION_DAYS', 'for ever'],
    ['ENGINE_TIMEOUT_SECONDS', '0'],
    ['ORPHAN_GRACE_MINUTES', '0'],
    ['METRICS_ADDRESS', '9464'],
    ['METRICS_ADDRESS', 'localhost:9464'],
    ['BRIGHTBIRD_ADMIN_TOKEN', 'fifteen-letters'],
    ['GIT_ALLOW_FILE_URLS', 'yes'],
    ['RUNTIME', 'podman'],
    ['LOG_LEVEL', 'verbose'],
    ['NAMESPACE', 'Bright_Bird'],
    ['NAMESPACE', 'x'.repeat(64)],
    ['REGISTRY', 'https://user:password@registry'],
    ['RUNNER_LIMITS', 'cpu'],
    ['COMPONENT_REQUESTS', 'memory=much'],
  ])('%s=%s', (name, value) => {
    expect(messageOf({ [name]: value })).toMatch(new RegExp(`^These settings cannot be used:\n  ${name}: .+$`));
  });

  test('together with all others that are wrong', () => {
    const lines = messageOf({ PORT: 'x', LOG_LEVEL: 'x', BUILD_SLOTS: 'x', HOST: '127.0.0.1' }).split('\n');
    expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual(['PORT', 'BUILD_SLOTS', 'LOG_LEVEL']);
  });

  test('without showing a secret', () => {
    expect(messageOf({ BRIGHTBIRD_ADMIN_TOKEN: 'hunter2', PORT: 'x' })).not.toContain('hunter2');
  });
});

describe('a program that brings no servers of its own', () => {
  const given = { TEMPORAL_ADDRESS: 'temporal:7233', MONGODB_URI: 'mongodb://db/x' };

  test('gets the addresses of both', () => {
    expect(requireServers(readConfig(given))).toEqual({ temporalAddress: 'temporal:7233', mongoUri: 'mongodb://db/x' });
  });

  test.each([
    [{}, 'TEMPORAL_ADDRESS and MONGODB_URI'],
    [{ TEMPORAL_ADDRESS: 'x' }, 'MONGODB_URI'],
    [{ MONGODB_URI: 'x', TEMPORAL_ADDRESS: '' }, 'TEMPORAL_ADDRESS'],
  ])('given %j, is told that it needs %s', (environment, names) => {
    const config = readConfig(environment);
    expect(() => requireServers(config)).toThrow(ConfigError);
    expect(() => requireServers(config)).toThrow(`This program needs ${names}; \`npm start\``);
  });
});

describe('a cluster', () => {
  test('needs a registry, which its nodes pull images from', () => {
    expect(messageOf({ RUNTIME: 'kubernetes' })).toMatch(/REGISTRY: needed with RUNTIME=kubernetes/);
    expect(readConfig({ RUNTIME: 'kubernetes', REGISTRY: 'registry.example.com' }).RUNTIME).toBe('kubernetes');
  });

  test('may have several registries, of which the first is the one that is pushed to', () => {
    const config = readConfig({ REGISTRY: 'registry.example.com/team/, docker.io/acme' });
    expect(config).toMatchObject({
      REGISTRY: 'registry.example.com/team',
      REGISTRIES: ['registry.example.com/team', 'docker.io/acme'],
    });
    for (const REGISTRY of ['a,,b', 'a,a', 'https://a', 'a b', 'A'])
      expect(messageOf({ REGISTRY })).toMatch(/REGISTRY: /);
  });

  test('has an account at its registry with a name and a password, or none', () => {
    expect(messageOf({ REGISTRY_USERNAME: 'robot' })).toMatch(
      /REGISTRY_PASSWORD: goes together with REGISTRY_USERNAME/,
    );
    expect(registryAccount(readConfig({}))).toBeUndefined();
    const account = { REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: 'secret' };
    expect(registryAccount(readConfig(account))).toEqual({ username: 'robot', password: 'secret' });
  });
});
