import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { createApi } from '../../../src/adapters/kubernetes/api.ts';
import { connectKubeconfig } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import { noCluster } from '../../support/adapters/kubernetes/test-cluster.ts';

const root = join(import.meta.dirname, '../../..');
const { PATH, NODE_COMPILE_CACHE } = process.env;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'brightbird-cli-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Runs a program of the product with only these settings. `left` lists the files that it created: data, locks, logs. */
async function run(program: string, settings: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, [join(root, 'src/programs', program), ...args], {
    env: { PATH, NODE_COMPILE_CACHE, HOME: home, BRIGHTBIRD_HOME: join(home, 'data'), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, code, left: await readdir(home) };
}
const refused = (stderr: string) => ({ code: 1, stdout: '', stderr: `${stderr}\n`, left: [] });

/** Creates a token of the account `default` of a namespace, which has no permissions. */
async function tokenOf(namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const api = createApi(connectKubeconfig(process.env.KUBECONFIG));
  const { status } = (await api.call({ method: 'POST', path, body })) as { status: { token: string } };
  return status.token;
}

/** Addresses that a program tries if it does not refuse its settings. */
const servers = { TEMPORAL_ADDRESS: '127.0.0.1:1', MONGODB_URI: 'mongodb://127.0.0.1:1/x' };

describe('a program with invalid settings prints a sentence, exits with 1 and starts nothing', () => {
  test('start.ts refuses to open the API to the network without a token', async () => {
    const sentence =
      'HOST=0.0.0.0 would open the API to the network without authentication.\n' +
      '  Set BRIGHTBIRD_ADMIN_TOKEN (at least 16 characters), or listen on 127.0.0.1 only.';
    expect(await run('embedded/start.ts', { HOST: '0.0.0.0' })).toEqual(refused(sentence));
  });

  test('start.ts lists all invalid settings at once', async () => {
    const ended = await run('embedded/start.ts', { PORT: 'http', LOG_LEVEL: 'loud' });
    expect(ended).toEqual({ ...refused(''), stderr: expect.any(String) });
    expect(ended.stderr).toMatch(/^Invalid settings:\n {2}PORT: .+\n {2}LOG_LEVEL: .+\n$/);
  });

  test.each<[string, Record<string, string>, string]>([
    ['api/server.ts', {}, 'TEMPORAL_ADDRESS and MONGODB_URI'],
    ['api/server.ts', { TEMPORAL_ADDRESS: servers.TEMPORAL_ADDRESS }, 'MONGODB_URI'],
    ['api/server.ts', { MONGODB_URI: servers.MONGODB_URI, TEMPORAL_ADDRESS: '' }, 'TEMPORAL_ADDRESS'],
    ['worker/worker.ts', {}, 'TEMPORAL_ADDRESS and MONGODB_URI'],
  ])('%s with %j names the missing address', async (program, settings, names) => {
    const sentence = `${names} must be set; only \`npm start\` brings its own servers.`;
    expect(await run(program, settings)).toEqual(refused(sentence));
  });

  test.each(['api/server.ts', 'worker/worker.ts'])('%s reports unreachable servers', async (program) => {
    const { code, stderr } = await run(program, servers);
    expect([code, stderr]).toEqual([1, expect.stringContaining('MongoDB does not answer')]);
  });

  test('server.ts reports that it cannot check the cluster without a kubeconfig', async () => {
    const { stdout } = await run('api/server.ts', { ...servers, RUNTIME: 'kubernetes', REGISTRY: '127.0.0.1:1' });
    expect(stdout).toContain('cluster     not checked: no kubeconfig');
  });

  (noCluster ? test.skip : test)(
    'server.ts refuses a cluster without the namespace or without permissions in it',
    async () => {
      const { KUBECONFIG = '' } = process.env;
      const settings = { ...servers, RUNTIME: 'kubernetes', REGISTRY: '127.0.0.1:1', NAMESPACE: 'no-such-namespace' };
      expect(await run('api/server.ts', { ...settings, KUBECONFIG })).toEqual(
        refused(
          'the cluster has no namespace no-such-namespace\n' +
            '  kubectl create namespace no-such-namespace, or set NAMESPACE to one that exists',
        ),
      );
      const path = join(await mkdtemp(join(tmpdir(), 'brightbird-account-')), 'kubeconfig');
      const account = { name: 'account', user: { token: await tokenOf('default') } };
      const { contexts, ...config } = parse(await readFile(KUBECONFIG, 'utf8'));
      const [{ context }] = contexts;
      const own = { name: config['current-context'], context: { cluster: context.cluster, user: account.name } };
      await writeFile(path, stringify({ ...config, contexts: [own], users: [account] }));
      const { code, stderr } = await run('api/server.ts', { ...settings, KUBECONFIG: path, NAMESPACE: 'default' });
      await rm(dirname(path), { recursive: true });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/default:default" cannot list resource "pods"/)]);
      expect(stderr).toContain('kubectl auth can-i list pods --as=system:serviceaccount:default:default');
    },
  );

  test.each([
    [['--queues', 'nonsense'], '--queues: unknown queue "nonsense"; the queues are control, build, runner, cleanup'],
    [['--queues', 'control,,build'], '--queues: unknown queue ""; the queues are control, build, runner, cleanup'],
    [['--queues', 'toString'], '--queues: unknown queue "toString"; the queues are control, build, runner, cleanup'],
    [['--queues'], "Option '--queues <value>' argument missing"],
    [['--queue', 'control'], "Unknown option '--queue'"],
    [['control'], "Unexpected argument 'control'. This command does not take positional arguments"],
  ])('worker.ts rejects the arguments %j', async (args, sentence) => {
    expect(await run('worker/worker.ts', servers, args)).toEqual(refused(sentence));
  });
});
