import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { compileSchema } from '../../../src/language/flow/compile-schema.ts';
import { describeService } from '../../../src/language/flow/describe-service.ts';
import { parsePluginYaml } from '../../../src/services/plugins/parse-plugin-yaml.ts';

/** Returns the service that a step with an example plugin deploys. */
async function render(name: string, input: Record<string, unknown>) {
  const text = await readFile(new URL(`../../../examples/plugins/${name}/plugin.yaml`, import.meta.url), 'utf8');
  const def = parsePluginYaml(text, 'plugin.yaml');
  const filled = structuredClone(input);
  expect(compileSchema(def.inputSchema)(filled)).toEqual([]);
  if (!def.service) throw new Error('it describes no service');
  const context = { input: filled, globals: { logLevel: 'DEBUG' }, testId: '0badcafe', instance: 'it' };
  return describeService(def.service, context);
}

test('sophon-auth gets its port, its database and its health check', async () => {
  const service = await render('sophon-auth-deploy', {
    dbType: 'mysql',
    mysqlDSN: 'root:x@(db:3306)/auth',
    replicas: 2,
  });
  expect(service).toMatchObject({
    command: ['/app/sophon-auth', '--config=/etc/sophon-auth/config.toml', 'run'],
    ports: [{ name: 'http', port: 8989 }],
    replicas: 2,
    volumes: [],
    readiness: { path: '/healthcheck' },
  });
  const [config] = service.configFiles;
  expect(config?.content).toContain('dsn = "root:x@(db:3306)/auth"');
  expect(config?.content).toContain('logLevel = "DEBUG"');
});

test('a service can use the DSN of its test database, and is refused when the site has no MySQL server', () => {
  const service = { image: 'a:1', env: { DSN: '{{mysqlDSN}}' }, ports: [{ port: 1 }] };
  const context = { input: {}, globals: {}, testId: '0badcafe', instance: 'it' };
  const mysqlDSN = 'u:p@(db:3306)/brightbird-0badcafe';
  expect(describeService(service, { ...context, mysqlDSN }).env).toEqual({ DSN: mysqlDSN });
  expect(() => describeService(service, context)).toThrow(
    expect.objectContaining({
      code: 'input_invalid',
      message: 'service.env.DSN: {{mysqlDSN}}: this site has no MySQL server',
      hint: expect.stringContaining('MYSQL_CONN_TEMPLATE'),
    }),
  );
});

test('venus gets its network, peers, genesis, authorization service and shared volume', async () => {
  const input = {
    netType: '2k',
    authUrl: 'http://auth:8989',
    authToken: 'token',
    bootstrapPeers: ['/dns/a/tcp/1', '/dns/b/tcp/1'],
    sharedVolume: 'data-0badcafe',
    genesisStorage: 'devgen.car',
  };
  const service = await render('venus-daemon-deploy', input);
  expect(service).toMatchObject({
    env: { GENESIS: 'devgen.car', SNAPSHOT: '', GOLOG_LOG_LEVEL: 'DEBUG' },
    volumes: [{ name: 'data-0badcafe', mountPath: '/shared-dir' }],
    ports: [{ name: 'api', port: 3453 }],
    replicas: 1,
  });
  expect(service.args?.[0]).toContain('--network=2k;');
  expect(JSON.parse(service.configFiles[0]?.content ?? '')).toMatchObject({
    api: { venusAuthURL: 'http://auth:8989', venusAuthToken: 'token' },
    bootstrap: { addresses: input.bootstrapPeers },
  });
});

test('venus requires its authorization service and refuses unknown networks', async () => {
  await expect(render('venus-daemon-deploy', {})).rejects.toThrow(/authUrl/);
  await expect(render('venus-daemon-deploy', { authUrl: 'x', netType: 'moon' })).rejects.toThrow(/netType/);
});
