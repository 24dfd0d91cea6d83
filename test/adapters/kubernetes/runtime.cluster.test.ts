import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createKubernetesRuntime } from '../../../src/adapters/kubernetes/kubernetes-runtime.ts';
import type { RunnerRef, Runtime } from '../../../src/model/engine/runtime.ts';
import type { RunIdentity } from '../../../src/model/run.ts';
import type { RuntimeWait } from '../../../src/model/waiting.ts';
import { workPaths } from '../../../src/model/work.ts';
import { noCluster, TestCluster, until } from '../../support/adapters/kubernetes/test-cluster.ts';
import {
  ended,
  linesOf,
  never,
  newRun,
  running,
  type SpecChanges,
  shellSpec,
  stateOf,
  texts,
} from '../../support/model/engine/runs.ts';

const log = pino({ level: 'silent' });
let cluster: TestCluster;
let runtime: Runtime;
let run: RunIdentity = newRun();

const spec = (script: string, changes: SpecChanges = {}) =>
  shellSpec(run, cluster.image, script, { namespace: cluster.namespace.name, ...changes });
const create = (script: string, changes: SpecChanges = {}): Promise<RunnerRef> =>
  runtime.createRunner(spec(script, changes), never);
const withLimits = (unschedulableSeconds: number, pendingSeconds = 300, quotaSeconds = 1): Runtime => {
  const limits = { unschedulableSeconds, pendingSeconds, quotaSeconds };
  return createKubernetesRuntime({ ...cluster, namespace: cluster.namespace.name, log, ...limits });
};

(noCluster ? describe.skip : describe)('a runner in a cluster', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start();
    runtime = withLimits(120);
  });
  beforeEach(() => {
    run = newRun();
  });
  afterAll(() => cluster.close());

  test('mounts the work from a Secret, and gives a runner without deploy steps no permissions', async () => {
    const { name } = await create('ls -l /work; ls /var/run/secrets 2>&1; exit 0');
    const pod = JSON.stringify(await cluster.namespace.get('Pod', name));
    expect(pod).not.toContain('a mark of this run');
    const lines = texts(await linesOf(runtime.readLog(await stateOf(runtime, run, ended), undefined, never)));
    expect(lines.join('\n')).toMatch(/work\.json/);
    expect(lines.at(-1)).toMatch(/No such file/);
  });

  test('starts a runner whose template already mounts the claim of the plugin store', async () => {
    const claimed = { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Mi' } } };
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'shared-dir' }, spec: claimed };
    await cluster.namespace.create('PersistentVolumeClaim', claim);
    const pod = { volumes: [{ name: 'shared', persistentVolumeClaim: { claimName: 'shared-dir' } }] };
    const container = { volumeMounts: [{ name: 'shared', mountPath: '/shared-dir' }] };
    const pluginClaim = 'shared-dir';
    const reader = createKubernetesRuntime({ ...cluster, namespace: cluster.namespace.name, log, pluginClaim });
    const { directory, plugins } = workPaths;
    // In one stream: a node does not keep the order of two.
    const script = `exec 2>&1; echo hello > /shared-dir/plugins/it; cat ${plugins}/it; echo > ${plugins}/other || ls ${directory}`;
    await reader.createRunner(spec(script, { pod, container }), never);
    const lines = texts(await linesOf(reader.readLog(await stateOf(reader, run, ended), undefined, never)));
    expect(lines[0]).toBe('hello');
    expect(lines[1]).toMatch(/Read-only file system/);
  });

  test('removes all objects of a Temporal run with the anchor that owns them', async () => {
    const { name } = await create('sleep 60');
    const objects = await runtime.listObjects(run.testId);
    expect(objects.map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'Pod', 'Secret']);
    const anchor = objects.find(({ kind }) => kind === 'ConfigMap');
    for (const kind of ['Pod', 'Secret'] as const) {
      const { metadata } = await cluster.namespace.get(kind, name);
      expect(metadata.ownerReferences).toEqual([expect.objectContaining({ uid: anchor?.uid })]);
    }
    await cluster.namespace.delete('ConfigMap', anchor?.name ?? '', anchor?.uid ?? '');
    await until(async () => (await runtime.listObjects(run.testId)).every(({ kind }) => kind === 'Pod'));
  });

  test('does not adopt a runner whose anchor was removed', async () => {
    const first = await create('sleep 60');
    const anchor = (await runtime.listObjects(run.testId)).find(({ kind }) => kind === 'ConfigMap');
    await cluster.namespace.delete('ConfigMap', anchor?.name ?? '', anchor?.uid ?? '');
    const second = await create('sleep 60');
    expect(second.uid).not.toBe(first.uid);
    expect((await runtime.listObjects(run.testId)).map(({ uid }) => uid)).toContain(second.uid);
  });

  test("throws conflict for a foreign pod with the runner's name, and keeps that pod", async () => {
    const name = `test-runner-${run.testId}`;
    const containers = [{ name: 'other', image: cluster.image, command: ['/bin/sleep', '60'] }];
    const spec = { terminationGracePeriodSeconds: 0, containers };
    const other = await cluster.namespace.create('Pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
    await expect(create('exit 0')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(name) });
    expect(await runtime.cleanup({ testId: run.testId }, never)).toEqual([]);
    expect((await cluster.namespace.get('Pod', name)).metadata.uid).toBe(other.metadata.uid);
  });

  test('reports a restarted runner as another container with its own log and restart count', async () => {
    await create('if [ -e /work/seen ]; then echo second; sleep 60; else echo first; touch /work/seen; exit 3; fi');
    const states = [];
    for await (const state of runtime.watch(run, never)) {
      states.push(state);
      if (state.running && state.restarts === 1) break;
    }
    const [last, now] = [states.findLast((state) => !state.running), states.at(-1)];
    expect(last).toMatchObject({ exitCode: 3, restarts: 0, role: 'runner' });
    expect(now?.streamId).not.toBe(last?.streamId);
    if (!last || !now) return;
    expect(texts(await linesOf(runtime.readLog(last, undefined, never)))).toEqual(['first']);
    const stop = new AbortController();
    const second = await linesOf(runtime.readLog(now, undefined, stop.signal), () => stop.abort());
    expect(texts(second)).toEqual(['second']);
  });

  test('reports a runner that exceeds its memory limit as out of memory', async () => {
    const resources = { limits: { memory: '16Mi' } };
    await create('x=xxxxxxxxxxxxxxxx; while :; do x="$x$x"; done', { container: { resources } });
    expect(await stateOf(runtime, run, ended)).toMatchObject({ outOfMemory: true, exitCode: 137 });
  });

  test('removes a runner that is stopped before its start', async () => {
    const runner = await create('exit 0', { container: { resources: { requests: { cpu: 1000 } } } });
    await runtime.stop(runner);
    await expect(stateOf(runtime, run, () => true)).rejects.toMatchObject({ code: 'runner_vanished' });
  });

  test.each<[string, SpecChanges, string, RegExp]>([
    [
      'an image that does not exist',
      { container: { image: `${process.env.REGISTRY}/none:1` } },
      'image_missing',
      /\/none:1.*not found/,
    ],
    [
      'an image of an unreachable registry',
      { container: { image: '127.0.0.1:1/none:1' } },
      'registry_refused',
      /127\.0\.0\.1:1\/none:1.*connection refused/s,
    ],
    ['an invalid image name', { container: { image: 'UPPER CASE' } }, 'image_missing', /InvalidImageName/],
    [
      'an environment variable from a Secret that does not exist',
      { container: { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'nonsense', key: 'a' } } }] } },
      'container_config',
      /nonsense/,
    ],
    ['a program that does not exist', { container: { command: ['/bin/nonsense'] } }, 'container_config', /nonsense/],
    ['1,000 CPUs', { container: { resources: { requests: { cpu: 1000 } } } }, 'unschedulable', /Insufficient cpu/],
    [
      'a claim that does not exist',
      { pod: { volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'nonsense' } }] } },
      'container_config',
      /PersistentVolumeClaim nonsense, which does not exist/,
    ],
    [
      'a Secret to mount that does not exist',
      {
        container: { volumeMounts: [{ name: 'a', mountPath: '/a' }] },
        pod: { volumes: [{ name: 'a', secret: { secretName: 'nonsense' } }] },
      },
      'container_config',
      /its volume a: the secret nonsense does not exist/,
    ],
    [
      'a ConfigMap to mount that does not exist',
      {
        container: { volumeMounts: [{ name: 'a', mountPath: '/a' }] },
        pod: { volumes: [{ name: 'a', configMap: { name: 'nonsense' } }] },
      },
      'container_config',
      /its volume a: the configmap nonsense does not exist/,
    ],
  ])("throws a fault with the cluster's message for a runner with %s", async (_title, changes, code, message) => {
    await create('exit 0', changes);
    const reported: RuntimeWait[] = [];
    const onWaits = (waits: readonly RuntimeWait[]): void => void reported.push(...waits);
    const watching = async (): Promise<unknown> => {
      for await (const state of withLimits(6, 12).watch(run, never, onWaits)) if (state.fault) return state.fault;
    };
    const fault = await watching().catch((error: unknown) => error);
    const [waited] = code === 'unschedulable' ? [code] : code === 'registry_refused' ? ['image_pull'] : [];
    if (waited) expect(reported).toContainEqual(expect.objectContaining({ reason: waited, source: 'runner' }));
    expect(fault).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.any(String) });
  });

  test.each<[string, SpecChanges, string, RegExp]>([
    ['an invalid restartPolicy', { pod: { restartPolicy: 'Sometimes' as 'Never' } }, 'template_invalid', /Sometimes/],
    ['another namespace', { namespace: 'elsewhere' }, 'template_invalid', /elsewhere/],
    ['restartPolicy Always', { pod: { restartPolicy: 'Always' } }, 'template_invalid', /Always/],
    [
      "a mount in the runner's own folder",
      { container: { volumeMounts: [{ name: 'a', mountPath: '/work/x' }] }, pod: { volumes: [{ name: 'a' }] } },
      'template_invalid',
      /\/work\/x/,
    ],
    ['a service account that does not exist', { pod: { serviceAccountName: 'nonsense' } }, 'forbidden', /nonsense/],
  ])('refuses a template with %s', async (_title, changes, code, message) => {
    await expect(create('exit 0', changes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('throws quota_exceeded with the name of the quota and leaves no objects', async () => {
    const path = `/api/v1/namespaces/${cluster.namespace.name}/resourcequotas`;
    const body = { metadata: { name: 'few' }, spec: { hard: { 'requests.memory': '1Ki' } } };
    await cluster.api.call({ method: 'POST', path, body });
    try {
      const resources = { requests: { memory: '1Mi' } };
      // The quota is enforced once its controller has processed it.
      let refused: unknown;
      await until(async () => {
        refused = await create('exit 0', { container: { resources } }).catch((error: unknown) => error);
        if (refused instanceof Error) return true;
        await runtime.cleanup({ testId: run.testId }, never);
        return false;
      });
      expect(refused).toMatchObject({ code: 'quota_exceeded', message: expect.stringContaining('few') });
    } finally {
      await cluster.api.call({ method: 'DELETE', path: `${path}/few` });
    }
    expect(await runtime.cleanup({ testId: run.testId }, never)).toEqual([]);
  });

  test('waits for room in a full quota, then creates the runner', async () => {
    const path = `/api/v1/namespaces/${cluster.namespace.name}/resourcequotas`;
    const body = { metadata: { name: 'none' }, spec: { hard: { 'count/secrets': '0' } } };
    await cluster.api.call({ method: 'POST', path, body });
    await until(async () => JSON.stringify(await cluster.api.call({ path: `${path}/none` })).includes('"used"'));
    const waits = Promise.withResolvers<unknown>();
    const waiting = createKubernetesRuntime({ ...cluster, namespace: cluster.namespace.name, log });
    const creating = waiting.createRunner(spec('exit 0'), never, ([wait]) => waits.resolve(wait));
    expect(await waits.promise).toMatchObject({
      reason: 'quota_exceeded',
      message: expect.stringContaining('exceeded quota: none'),
      source: 'runner',
      pod: { name: `test-runner-${run.testId}`, role: 'runner' },
    });
    await cluster.api.call({ method: 'DELETE', path: `${path}/none` });
    await creating;
    expect(await stateOf(runtime, run, ended)).toMatchObject({ exitCode: 0 });
    expect(await runtime.cleanup({ testId: run.testId }, never)).toEqual([]);
  });

  test("throws template_invalid with a hint when the namespace's Pod Security refuses the runner", async () => {
    const path = `/api/v1/namespaces/${cluster.namespace.name}`;
    const enforce = (level: string | null) => {
      const body = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } };
      return cluster.api.call({ method: 'PATCH', path, body });
    };
    await enforce('restricted');
    try {
      await expect(create('exit 0')).rejects.toMatchObject({
        code: 'template_invalid',
        hint: expect.stringContaining('pod-security.kubernetes.io/enforce=restricted'),
      });
    } finally {
      await enforce(null);
    }
    expect(await runtime.cleanup({ testId: run.testId }, never)).toEqual([]);
  });

  test('checks that the namespace exists, and names the command that creates it if it does not', async () => {
    await expect(runtime.check?.(never)).resolves.toBeUndefined();
    const elsewhere = createKubernetesRuntime({ ...cluster, namespace: 'no-such-namespace', log });
    await expect(elsewhere.check?.(never)).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'the cluster has no namespace no-such-namespace',
      hint: expect.stringContaining('kubectl create namespace no-such-namespace'),
    });
  });

  test('returns an object that cannot be removed as a leftover with the reason', async () => {
    const { name, uid } = await create('sleep 60');
    const finalizers = ['brightbird.dev/held-by-a-test'];
    await cluster.namespace.patch('Pod', name, { metadata: { finalizers } });
    const withShortTimeout = createKubernetesRuntime({
      ...cluster,
      namespace: cluster.namespace.name,
      log,
      cleanupSeconds: 3,
    });
    expect(await withShortTimeout.cleanup({ testId: run.testId }, never)).toEqual([
      { kind: 'Pod', name, uid, reason: expect.stringContaining('held-by-a-test') },
    ]);
    await cluster.namespace.patch('Pod', name, { metadata: { finalizers: [] } });
    expect(await runtime.cleanup({ testId: run.testId }, never)).toEqual([]);
  });

  test('reports the end of an evicted runner with the fault evicted', async () => {
    const { name } = await create('sleep 60');
    await stateOf(runtime, run, running);
    const path = `${cluster.namespace.path('Pod', name)}/eviction`;
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
    const deleteOptions = { gracePeriodSeconds: 3 };
    await cluster.api.call({ method: 'POST', path, body: { ...eviction, deleteOptions } });
    const state = await stateOf(runtime, run, ended);
    expect(state.fault).toMatchObject({ code: 'evicted', message: expect.stringContaining('node1') });
  });
});
