import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { createApi } from '../../src/adapters/kubernetes/api.ts';
import { ApiError } from '../../src/adapters/kubernetes/api-errors.ts';
import type { Connection } from '../../src/adapters/kubernetes/connection.ts';
import { createKubernetesRuntime } from '../../src/adapters/kubernetes/kubernetes-runtime.ts';
import { prepareCluster } from '../../src/programs/embedded/prepare-cluster.ts';
import { noCluster, TestCluster, until } from '../support/adapters/kubernetes/test-cluster.ts';
import { ended, linesOf, never, newRun, running, shellSpec, stateOf, texts } from '../support/model/engine/runs.ts';

const root = fileURLToPath(new URL('../../deploy/kubernetes', import.meta.url));
let cluster: TestCluster;

/** Connects to the cluster as a service account of the namespace. */
async function as(account: string): Promise<Connection> {
  const path = `/api/v1/namespaces/${cluster.namespace.name}/serviceaccounts/${account}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = (await cluster.api.call({ method: 'POST', path, body })) as { status: { token: string } };
  const { server, sign } = cluster.connection;
  return {
    server,
    async sign() {
      const { dispatcher } = await sign();
      return { dispatcher, headers: { authorization: `Bearer ${status.token}` } };
    },
  };
}

/** Checks a permission like `kubectl auth can-i <verb> <resource>`. */
async function canI(connection: Connection, verb: string, resource: string): Promise<boolean> {
  const [name = '', subresource] = resource.split('/');
  const [plural, group = ''] = name.split('.');
  const resourceAttributes = { namespace: cluster.namespace.name, verb, resource: plural, group, subresource };
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const { status } = (await createApi(connection).call({ method: 'POST', path, body })) as {
    status: { allowed: boolean };
  };
  return status.allowed;
}

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const asked = [
  ...['pods', 'pods/log', 'pods/exec', 'events', 'configmaps', 'secrets', 'services', 'endpoints'],
  ...[
    'persistentvolumeclaims',
    'statefulsets.apps',
    'deployments.apps',
    'jobs.batch',
    'roles.rbac',
    'serviceaccounts',
    'nodes',
    'namespaces',
  ],
];

/** Creates the accounts and roles of a folder of deploy/kubernetes in the namespace. */
async function create(folder: string, files: string[]): Promise<void> {
  const namespace = cluster.namespace.name;
  const paths: Record<string, string> = {
    ServiceAccount: `/api/v1/namespaces/${namespace}/serviceaccounts`,
    Role: `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`,
    RoleBinding: `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
  };
  for (const file of files) {
    const body: { kind: string } = parse(await readFile(`${root}/${folder}/${file}`, 'utf8'));
    await cluster.api.call({ method: 'POST', path: paths[body.kind] ?? '', body });
  }
}

/** Returns true when the request succeeds, and false when the response has `status`. */
function unless(status: number): [() => boolean, (error: unknown) => boolean] {
  return [
    () => true,
    (error) => {
      if (error instanceof ApiError && error.status === status) return false;
      throw error;
    },
  ];
}

async function rights(account: string): Promise<Record<string, string>> {
  const connection = await as(account);
  const found: Record<string, string> = {};
  for (const resource of asked) {
    const allowed = await Promise.all(
      verbs.map(async (verb) => ((await canI(connection, verb, resource)) ? verb : '')),
    );
    const text = allowed.filter(Boolean).join(' ');
    if (text !== '') found[resource] = text;
  }
  return found;
}

(noCluster ? describe.skip : describe)('the objects of deploy/kubernetes', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start();
    await prepareCluster(cluster.connection, cluster.namespace.name, () => undefined);
    const files = ['service-account.yaml', 'role.yaml', 'role-binding.yaml'];
    for (const part of ['worker', 'server']) await create(part, files);
  });
  afterAll(() => cluster.close());

  test('are accepted by the cluster unchanged', async () => {
    const { stdout } = await promisify(execFile)('kubectl', [
      'apply',
      '-k',
      root,
      '--dry-run=server',
      '-o',
      'name',
    ]).catch(async (error: { stderr?: string }) => {
      // Without the namespace, a dry run of the others fails: only their form is checked then.
      if (!/namespaces "brightbird" not found/.test(error.stderr ?? '')) throw error;
      return promisify(execFile)('kubectl', ['apply', '-k', root, '--dry-run=client', '-o', 'name']);
    });
    expect(stdout.trim().split('\n')).toEqual(
      expect.arrayContaining([
        'deployment.apps/brightbird-server',
        'deployment.apps/brightbird-worker',
        'poddisruptionbudget.policy/brightbird-worker',
        'networkpolicy.networking.k8s.io/brightbird-components',
        'persistentvolumeclaim/shared-dir',
      ]),
    );
  });

  test('allow a runner only to create and manage components', async () => {
    expect(await rights('brightbird-runner')).toEqual({
      pods: 'get list watch delete',
      'pods/log': 'get',
      events: 'list',
      configmaps: 'list create delete',
      services: 'list create patch delete',
      persistentvolumeclaims: 'get create',
      'statefulsets.apps': 'list create delete',
    });
  });

  test('allow a server only to check that tests can run', async () => {
    expect(await rights('brightbird-server')).toEqual({ pods: 'list', namespaces: 'get' });
    const connection = await as('brightbird-server');
    const { name: namespace } = cluster.namespace;
    await createKubernetesRuntime({ connection, namespace, log: pino({ level: 'silent' }) }).check?.(never);
  });

  test('allow a worker only to create runners and clean up after them', async () => {
    expect(await rights('brightbird-worker')).toEqual({
      pods: 'get list watch create patch delete',
      'pods/log': 'get',
      events: 'list',
      configmaps: 'get list create delete',
      secrets: 'get list create delete',
      services: 'get list create delete',
      persistentvolumeclaims: 'list delete',
      'statefulsets.apps': 'list delete',
      'deployments.apps': 'list delete',
      'jobs.batch': 'list delete',
    });
  });

  test('are sufficient for all operations of a worker on a runner', async () => {
    const run = newRun();
    const connection = await as('brightbird-worker');
    const namespace = cluster.namespace.name;
    const runtime = createKubernetesRuntime({ connection, namespace, log: pino({ level: 'silent' }) });
    const script = 'echo hello; trap "exit 0" TERM; while :; do sleep 0.05; done';
    const runner = await runtime.createRunner(
      shellSpec(run, cluster.image, script, {
        namespace,
        deploys: true,
        components: [{ instance: 'it', replicas: 1, ports: [80] }],
      }),
      never,
    );
    const state = await stateOf(runtime, run, running);
    const lines = await linesOf(runtime.readLog(state, undefined, never), () => runtime.stop(runner));
    expect(texts(lines)).toEqual(['hello']);
    expect(await stateOf(runtime, run, ended)).toMatchObject({ exitCode: 0 });
    expect(await runtime.cleanup({ testId: run.testId, runId: run.runId }, never)).toEqual([]);
    expect(await runtime.listObjects(run.testId)).toEqual([]);
  });

  test('are named in the error of a worker that lacks them', async () => {
    const run = newRun();
    const namespace = cluster.namespace.name;
    const connection = await as('default');
    const runtime = createKubernetesRuntime({ connection, namespace, log: pino({ level: 'silent' }) });
    const creating = runtime.createRunner(shellSpec(run, cluster.image, 'exit 0', { namespace }), never);
    await expect(creating).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('system:serviceaccount'),
      hint: expect.stringContaining('deploy/kubernetes'),
    });
    await expect(stateOf(runtime, run, () => true)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test.each([
    ['original-plugins', 'runner'],
    ['template-trial', 'server'],
  ])('the component %s is included in the namespace of an overlay that names it', async (component, base) => {
    const folder = await mkdtemp(join(tmpdir(), 'brightbird-overlay-'));
    const path = (name: string) => relative(folder, join(root, name));
    const overlay = { namespace: 'tests', resources: [path(base)], components: [path(component)] };
    await writeFile(join(folder, 'kustomization.yaml'), stringify(overlay));
    try {
      const { stdout } = await promisify(execFile)('kubectl', ['kustomize', folder]);
      const made = parseAllDocuments(stdout).map((document) => document.toJS());
      const own = made.filter(({ metadata }) => metadata.name === `brightbird-${component}`);
      expect(own.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`).sort()).toEqual([
        'Role tests',
        'RoleBinding tests',
      ]);
      const subject = { name: `brightbird-${base}`, namespace: 'tests' };
      expect(own.find(({ kind }) => kind === 'RoleBinding').subjects).toMatchObject([subject]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  describe('the component for template checks', () => {
    const trial = async () => {
      const connection = await as('brightbird-server');
      const namespace = cluster.namespace.name;
      const { dryRun } = createKubernetesRuntime({ connection, namespace, log: pino({ level: 'silent' }) });
      const metadata = { name: 'tried', labels: { testid: 'tried' } };
      const containers = [{ name: 'it', image: 'sample:1' }];
      const template = { metadata, spec: { containers } };
      const spec = { replicas: 1, serviceName: 'tried', selector: { matchLabels: metadata.labels }, template };
      for (const [kind, apiVersion, more] of [
        ['ConfigMap', 'v1', { data: { a: 'b' } }],
        ['Service', 'v1', { spec: { clusterIP: 'None', ports: [{ port: 80 }] } }],
        ['StatefulSet', 'apps/v1', { spec }],
      ] as const) {
        await dryRun?.({ kind, manifest: { apiVersion, kind, metadata, ...more } }, never);
      }
    };

    test('allows a server only to dry-run templates in the cluster', async () => {
      await expect(trial()).rejects.toMatchObject({ code: 'forbidden' });
      await create('template-trial', ['role.yaml', 'role-binding.yaml']);
      // A new role takes effect after a moment.
      await until(() =>
        trial().then(
          () => true,
          () => false,
        ),
      );
      expect(await rights('brightbird-server')).toEqual({
        pods: 'list',
        namespaces: 'get',
        configmaps: 'create',
        services: 'create',
        'statefulsets.apps': 'create',
      });
      for (const kind of ['ConfigMap', 'Service', 'StatefulSet'] as const) {
        expect((await cluster.namespace.list(kind, 'testid=tried')).items).toEqual([]);
      }
    });
  });

  describe('the component for plugins of the original', () => {
    beforeAll(() => create('original-plugins', ['role.yaml', 'role-binding.yaml']));

    test('allows a runner only the operations of their deploy programs', async () => {
      expect(await rights('brightbird-runner')).toEqual({
        pods: 'get list watch delete',
        'pods/log': 'get',
        'pods/exec': 'get create',
        events: 'list',
        configmaps: 'get list create update delete',
        services: 'get list create update patch delete',
        endpoints: 'get',
        persistentvolumeclaims: 'get create',
        'statefulsets.apps': 'get list create update delete',
      });
    });

    test('lets a deploy program get, create and update its objects as the runner', async () => {
      const api = createApi(await as('brightbird-runner'));
      const { testId } = newRun();
      const name = `sophon-auth-${testId}1`;
      const metadata = { name, labels: { testid: testId, retry: '1', apptype: 'venus' } };
      const app = { app: `${name}-pod` };
      const containers = [{ name: 'it', image: cluster.image, command: ['sleep', '600'] }];
      const template = { metadata: { labels: { ...metadata.labels, ...app } }, spec: { containers } };
      const base = `/api/v1/namespaces/${cluster.namespace.name}`;
      const statefulSets = `/apis/apps/v1/namespaces/${cluster.namespace.name}/statefulsets`;
      const spec = { replicas: 0, serviceName: name, selector: { matchLabels: app }, template };
      for (const [path, body] of [
        [`${base}/configmaps`, { data: { 'config.toml': 'a = 1' } }],
        [statefulSets, { spec }],
        [`${base}/services`, { spec: { clusterIP: 'None', selector: app, ports: [{ port: 8989 }] } }],
      ] as const) {
        await expect(api.call({ path: `${path}/${name}` })).rejects.toMatchObject({ status: 404 });
        await api.call({ method: 'POST', path, body: { metadata, ...body } });
        // As client-go's RetryOnConflict: the cluster updates the status of the new object.
        await until(async () => {
          const made = (await api.call({ path: `${path}/${name}` })) as object;
          return api.call({ method: 'PUT', path: `${path}/${name}`, body: made }).then(...unless(409));
        });
      }
      await until(() => api.call({ path: `${base}/endpoints/${name}` }).then(...unless(404)));
      const connection = await as('brightbird-worker');
      const options = { connection, namespace: cluster.namespace.name, log: pino({ level: 'silent' }) };
      expect(await createKubernetesRuntime(options).cleanup({ testId }, never)).toEqual([]);
    });
  });
});
