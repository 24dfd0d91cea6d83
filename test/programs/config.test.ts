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

describe('readConfig without settings', () => {
  test('returns the defaults, with an API that only this machine can reach', () => {
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

  test('treats empty variables as unset', () => {
    const names = [
      ...Object.keys(readConfig({})),
      ...['PORT', 'BRIGHTBIRD_ADMIN_TOKEN', 'TEMPORAL_ADDRESS', 'MONGODB_URI', 'DOCKER_HOST', 'XDG_CACHE_HOME'],
    ];
    expect(readConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(readConfig({}));
  });

  test('ignores unknown variables', () => {
    expect(readConfig({ PATH: '/bin', HOME: '/root', BRIGHTBIRD_UNKNOWN: 'x' })).toEqual(readConfig({}));
  });
});

describe('GITHUB_WEBHOOK_SECRET', () => {
  test('accepts one or several secrets, for rotation', () => {
    const secretsOf = (text: string) => readConfig({ GITHUB_WEBHOOK_SECRET: text }).GITHUB_WEBHOOK_SECRET;
    expect(secretsOf('only one')).toEqual(['only one']);
    expect(secretsOf('the new one, the old one')).toEqual(['the new one', 'the old one']);
    expect(secretsOf('')).toBeUndefined();
  });

  test.each([',', 'new,', ' '])('rejects "%s", which has an empty secret', (text) => {
    expect(messageOf({ GITHUB_WEBHOOK_SECRET: text })).toContain(
      'GITHUB_WEBHOOK_SECRET: must be one secret, or several',
    );
  });

  test.each(['x', '1234567', 'a long enough one, short'])(
    'rejects "%s", which has a secret that can be guessed',
    (text) => {
      expect(messageOf({ GITHUB_WEBHOOK_SECRET: text })).toContain(
        'GITHUB_WEBHOOK_SECRET: each secret needs at least 8 characters',
      );
    },
  );
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
    'with characters that are invalid in a header is rejected as %s and not printed',
    (name) => {
      for (const text of texts) {
        const message = messageOf({ [name]: text });
        expect(message).toMatch(new RegExp(`${name}: must be visible ASCII characters.*HTTP header`));
        expect(message).not.toContain(text);
      }
    },
  );

  test('of all visible ASCII characters is accepted, and several for git', () => {
    const token = String.fromCharCode(...Array.from({ length: 94 }, (_, n) => 0x21 + n));
    expect(readConfig({ BRIGHTBIRD_ADMIN_TOKEN: token, TEMPORAL_API_KEY: token })).toMatchObject({
      BRIGHTBIRD_ADMIN_TOKEN: token,
      TEMPORAL_API_KEY: token,
    });
    expect(readConfig({ GIT_TOKEN: 'git.example.com=one, two' }).GIT_TOKEN).toBe('git.example.com=one, two');
  });
});

describe('paths', () => {
  test('are absolute, and by default inside the data directory', () => {
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

  test('of the plugin store and the cache can be set', () => {
    expect(readConfig({ BRIGHTBIRD_HOME: '/data', PLUGIN_STORE: '/plugins' }).PLUGIN_STORE).toBe('/plugins');
    expect(readConfig({ PLUGIN_STORE: 'plugins' }).PLUGIN_STORE).toBe(resolve('plugins'));
    expect(readConfig({ XDG_CACHE_HOME: '/cache' }).BRIGHTBIRD_CACHE).toBe('/cache/brightbird');
    expect(readConfig({ XDG_CACHE_HOME: '/cache', BRIGHTBIRD_CACHE: '/mine' }).BRIGHTBIRD_CACHE).toBe('/mine');
  });
});

test('readConfig converts numbers and flags', () => {
  const config = readConfig({ PORT: '0', BUILD_SLOTS: '64', GIT_ALLOW_FILE_URLS: 'true' });
  expect(config).toMatchObject({ PORT: 0, BUILD_SLOTS: 64, GIT_ALLOW_FILE_URLS: true });
});

test('readConfig parses resource amounts by name', () => {
  expect(readConfig({ COMPONENT_LIMITS: 'cpu=1.5,memory=128Mi' }).COMPONENT_LIMITS).toEqual({
    cpu: '1.5',
    memory: '128Mi',
  });
});

test('readConfig returns a frozen object', () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true);
});

describe('readConfig with an invalid setting', () => {
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
  ])('rejects %s=%s by name', (name, value) => {
    expect(messageOf({ [name]: value })).toMatch(new RegExp(`^Invalid settings:\n  ${name}: .+$`));
  });

  test('lists all invalid settings', () => {
    const lines = messageOf({ PORT: 'x', LOG_LEVEL: 'x', BUILD_SLOTS: 'x', HOST: '127.0.0.1' }).split('\n');
    expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual(['PORT', 'BUILD_SLOTS', 'LOG_LEVEL']);
  });

  test('does not show a secret', () => {
    expect(messageOf({ BRIGHTBIRD_ADMIN_TOKEN: 'hunter2', PORT: 'x' })).not.toContain('hunter2');
  });
});

describe('requireServers', () => {
  const given = { TEMPORAL_ADDRESS: 'temporal:7233', MONGODB_URI: 'mongodb://db/x' };

  test('returns the addresses of both servers', () => {
    expect(requireServers(readConfig(given))).toEqual({ temporalAddress: 'temporal:7233', mongoUri: 'mongodb://db/x' });
  });

  test.each([
    [{}, 'TEMPORAL_ADDRESS and MONGODB_URI'],
    [{ TEMPORAL_ADDRESS: 'x' }, 'MONGODB_URI'],
    [{ MONGODB_URI: 'x', TEMPORAL_ADDRESS: '' }, 'TEMPORAL_ADDRESS'],
  ])('given %j, names the missing %s', (environment, names) => {
    const config = readConfig(environment);
    expect(() => requireServers(config)).toThrow(ConfigError);
    expect(() => requireServers(config)).toThrow(`${names} must be set; only \`npm start\``);
  });
});

describe('RUNTIME=kubernetes', () => {
  test('requires a registry for its nodes', () => {
    expect(messageOf({ RUNTIME: 'kubernetes' })).toMatch(/REGISTRY: required with RUNTIME=kubernetes/);
    expect(readConfig({ RUNTIME: 'kubernetes', REGISTRY: 'registry.example.com' }).RUNTIME).toBe('kubernetes');
  });

  test('accepts several registries, and pushes to the first', () => {
    const config = readConfig({ REGISTRY: 'registry.example.com/team/, docker.io/acme' });
    expect(config).toMatchObject({
      REGISTRY: 'registry.example.com/team',
      REGISTRIES: ['registry.example.com/team', 'docker.io/acme'],
    });
    for (const REGISTRY of ['a,,b', 'a,a', 'https://a', 'a b', 'A'])
      expect(messageOf({ REGISTRY })).toMatch(/REGISTRY: /);
  });

  test('requires both name and password of a registry account, or neither', () => {
    expect(messageOf({ REGISTRY_USERNAME: 'robot' })).toMatch(
      /REGISTRY_PASSWORD: must be set together with REGISTRY_USERNAME/,
    );
    expect(registryAccount(readConfig({}))).toBeUndefined();
    const account = { REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: 'secret' };
    expect(registryAccount(readConfig(account))).toEqual({ username: 'robot', password: 'secret' });
  });
});
