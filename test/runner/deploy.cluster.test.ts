import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { pino } from 'pino';
import { ensureRunnerImage } from '../../src/adapters/images/runner-image/ensure-runner-image.ts';
import { createKubernetesRuntime } from '../../src/adapters/kubernetes/kubernetes-runtime.ts';
import type { Kind } from '../../src/adapters/kubernetes/resources.ts';
import type { RunnerRef, Runtime } from '../../src/model/engine/runtime.ts';
import { type Marker, parseMarker } from '../../src/model/marker.ts';
import type { RunIdentity } from '../../src/model/run.ts';
import type { WorkStep } from '../../src/model/work.ts';
import { ensureBaseImage } from '../../src/programs/embedded/base-image.ts';
import { prepareCluster } from '../../src/programs/embedded/prepare-cluster.ts';
import { noCluster, TestCluster, until } from '../support/adapters/kubernetes/test-cluster.ts';
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
} from '../support/model/engine/runs.ts';
import { mark, step } from '../support/runner/harness.ts';

const log = pino({ level: 'silent' });
const docker = new Docker();
let cluster: TestCluster;
let runtime: Runtime;
let image = '';
let run: RunIdentity;

/** A server that answers `status` on /healthz and with `body` elsewhere. */
const server = ({ port = 8080, status = 200, body = '"hello"', before = '' } = {}) => [
  'node',
  '-e',
  `${before}; require('node:http').createServer((q, r) => q.url === '/healthz' ? r.writeHead(${status}).end('no') : r.end(${body}))
    .listen(${port}, () => console.log('listening on ${port}')); process.on('SIGTERM', () => process.exit());`,
];

const deployed = (instance: string, input: object, more: Partial<WorkStep> = {}): WorkStep =>
  step(instance, 'deploy-service', { image, ports: [{ port: 8080 }], ...input }, more);

function start(steps: WorkStep[], changes: SpecChanges = {}): Promise<RunnerRef> {
  const namespace = cluster.namespace.name;
  const container = { image, command: ['node', '/app/src/runner/main.ts'] };
  const spec = shellSpec(run, image, '', { namespace, deploys: true, container, ...changes });
  return runtime.createRunner(
    { ...spec, work: { ...spec.work, mark, steps, versions: { 'deploy-service': 'v3' } } },
    never,
  );
}

/** Runs the steps to the runner's end; returns the ends of the steps and the printed lines. */
async function outcome(steps: WorkStep[]) {
  await start(steps);
  return endOf();
}

async function endOf() {
  const lines = texts(await linesOf(runtime.readLog(await stateOf(runtime, run, ended), undefined, never)));
  const markers = lines.map((line) => parseMarker(line, mark)).filter((marker) => marker !== undefined);
  const ends = markers.filter((marker) => marker.brightbird === 'step.end');
  return {
    end: (instance: string): Extract<Marker, { brightbird: 'step.end' }> | undefined =>
      ends.find((marker) => marker.instance === instance),
    printed: lines.filter((line) => !parseMarker(line, mark)),
  };
}

const error = async (input: object) => (await outcome([deployed('it', input)])).end('it')?.error;

async function names(kind: Kind): Promise<string[]> {
  const { items } = await cluster.namespace.list(kind, `testid=${run.testId}`);
  return items.map(({ metadata }) => metadata.name).sort();
}

(noCluster ? describe.skip : describe)('deploying a service in a cluster', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start();
    await prepareCluster(cluster.connection, cluster.namespace.name, () => undefined);
    const baseImage = await ensureBaseImage({}, docker, () => undefined);
    image = await ensureRunnerImage({ docker, baseImage, registry: process.env.REGISTRY ?? '', log });
    runtime = createKubernetesRuntime({ ...cluster, namespace: cluster.namespace.name, log });
  });
  beforeEach(() => {
    run = newRun();
  });
  afterAll(() => cluster.close());

  test('a deployment waits until all replicas are ready and the service answers, and returns the same outputs as on Docker', async () => {
    const { end, printed } = await outcome([
      deployed('My_Greeter', { command: server(), replicas: 2, readiness: { path: '/healthz' }, env: { A: 'b' } }),
      step('check', 'http-check', { url: '{{My_Greeter.svcEndpoint}}/x', expect: { status: 200, body: 'hello' } }),
    ]);
    const name = `my-greeter-${run.testId}`;
    expect(end('My_Greeter')).toMatchObject({ state: 'success' });
    expect(end('My_Greeter')?.outputs).toEqual({
      codeVersion: 'v3',
      instanceName: 'My_Greeter',
      deployName: name,
      statefulSetName: name,
      configMapName: name,
      svcName: name,
      svcEndpoint: `http://${name}:8080`,
    });
    expect(end('check')).toMatchObject({ state: 'success' });
    expect(printed).toContainEqual(expect.stringMatching(/^My_Greeter: ready after \d+\.\d s, GET .* answered 200$/));
    // These are the objects of `kubectl get all -l testid=…`.
    expect(await names('StatefulSet')).toEqual([name]);
    expect(await names('Service')).toEqual([name]);
    expect(await names('Pod')).toEqual([`${name}-0`, `${name}-1`, `test-runner-${run.testId}`]);
    const sources: string[] = [];
    for await (const { source } of runtime.watch(run, never)) if (sources.push(source) === 3) break;
    expect(sources.sort()).toEqual(['My_Greeter-0', 'My_Greeter-1', 'runner']);
    expect(await runtime.cleanup({ testId: run.testId, runId: run.runId }, never)).toEqual([]);
    expect(await runtime.listObjects(run.testId)).toEqual([]);
  });

  test('a service mounts a volume of an earlier step, which is removed with the run', async () => {
    const write = "require('node:fs').writeFileSync('/data/note', 'kept');";
    const { end } = await outcome([
      step('data', 'pvc', { size: '1Mi' }),
      deployed('store', {
        command: server({ before: write, body: "require('node:fs').readFileSync('/data/note')" }),
        volumes: [{ name: '{{data.name}}', mountPath: '/data' }],
      }),
      step('check', 'http-check', { url: '{{store.svcEndpoint}}/', expect: { status: 200, body: 'kept' } }),
    ]);
    expect(end('data')?.outputs).toEqual({ name: `data-${run.testId}` });
    expect(end('check')).toMatchObject({ state: 'success' });
    expect(await names('PersistentVolumeClaim')).toEqual([`data-${run.testId}`]);
    expect(await runtime.cleanup({ testId: run.testId, runId: run.runId }, never)).toEqual([]);
    expect(await runtime.listObjects(run.testId)).toEqual([]);
  });

  test('a service gets its config files, and a name that is valid in a cluster', async () => {
    const instance = `0-${'long'.repeat(9)}`;
    const { end } = await outcome([
      deployed(instance, {
        command: server({ body: "require('node:fs').readFileSync('/etc/greeter/conf.txt')" }),
        configFiles: [{ path: '/etc/greeter/conf.txt', content: 'two\nlines: "quoted" $X' }],
      }),
      step('check', 'http-check', {
        url: `{{${instance}.svcEndpoint}}/`,
        expect: { status: 200, body: 'two\nlines: "quoted" $X' },
      }),
    ]);
    expect(end('check')).toMatchObject({ state: 'success' });
    expect(end(instance)?.outputs?.svcName).toMatch(/^i-0-(long)+-[0-9a-f]{8}$/);
  });

  test('a deployment uses the templates of the plugin and labels all their objects for the run', async () => {
    const statefulset = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: "{{.Name}}"}
spec:
  serviceName: {{.Name}}
  selector: {matchLabels: {mine: "yes"}}
  replicas: {{.Replicas}}
  template:
    metadata: {labels: {mine: "yes", app: "{{.Name}}-pod"}}
    spec: {containers: [{name: own, image: {{quote .Image}}, command: {{toJson .Command}}}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
`;
    const own = deployed('it', { command: server() });
    const { end } = await outcome([{ ...own, def: { ...own.def, templates: { statefulset } } }]);
    expect(end('it')).toMatchObject({ state: 'success' });
    expect(await names('PersistentVolumeClaim')).toEqual([`data-it-${run.testId}-0`]);
    expect(await runtime.cleanup({ testId: run.testId, runId: run.runId }, never)).toEqual([]);
    expect(await names('PersistentVolumeClaim')).toEqual([]);
  });

  test("a deployment accepts the original's templates, with the requested resources and rights", async () => {
    const statefulset = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: "stock-{{.UniqueId}}"}
spec:
  serviceName: stock-{{.UniqueId}}-svc
  selector: {matchLabels: {app: "stock-{{.UniqueId}}-pod"}}
  replicas: {{.Replicas}}
  template:
    metadata: {labels: {app: "stock-{{.UniqueId}}-pod"}}
    spec:
      containers:
        - name: stock-{{.UniqueId}}
          image: {{quote .Image}}
          command: {{toJson .Command}}
          env: [{name: DSN, value: {{quote .InstanceName}}}]
`;
    const headless = `
apiVersion: v1
kind: Service
metadata: {name: "stock-{{.UniqueId}}-service"}
spec: {clusterIP: None, selector: {app: "stock-{{.UniqueId}}-pod"}, ports: [{port: 8080}]}
`;
    const placed = {
      resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '256Mi' } },
      securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'ours', operator: 'Exists' }],
    };
    const own = deployed('it', { command: server({ body: 'process.env.DSN' }), ...placed });
    const { end } = await outcome([
      { ...own, def: { ...own.def, templates: { statefulset, headless } } },
      step('check', 'http-check', { url: '{{it.svcEndpoint}}/', expect: { status: 200, body: 'it' } }),
    ]);
    expect(end('it')?.error).toBeUndefined();
    expect(end('check')).toMatchObject({ state: 'success' });
    const name = (await names('StatefulSet'))[0] ?? '';
    expect(name).toMatch(new RegExp(`^stock-${run.testId}1[0-9a-f]{8}$`));
    expect(end('it')?.outputs).toMatchObject({
      statefulSetName: name,
      svcName: `${name}-service`,
      svcEndpoint: `http://${name}-service:8080`,
    });
    const { resources, securityContext, ...pod } = placed;
    expect(await cluster.namespace.get('Pod', `${name}-0`)).toMatchObject({
      spec: {
        nodeSelector: pod.nodeSelector,
        tolerations: expect.arrayContaining([{ key: 'ours', operator: 'Exists' }]),
        containers: [{ resources, securityContext }],
      },
    });
  });

  test('a template with an unknown field is rejected with that field', async () => {
    const own = deployed('it', { command: server() });
    const headless =
      'apiVersion: v1\nkind: Service\nmetadata: {name: {{.Name}}}\nspec: {clusterIPP: None, ports: [{port: 1}]}\n';
    const { end } = await outcome([{ ...own, def: { ...own.def, templates: { headless } } }]);
    expect(end('it')?.error).toMatchObject({
      code: 'template_invalid',
      message: expect.stringContaining('clusterIPP'),
    });
  });

  test('a deployment replaces the objects of a killed try of the same instance', async () => {
    const slow = { command: server({ status: 503 }), readiness: { path: '/healthz', timeoutSeconds: 600 } };
    const runner = await start([deployed('it', slow)]);
    const uids = async (): Promise<string[]> =>
      (await runtime.listObjects(run.testId)).filter(({ name }) => name.startsWith('it-')).map(({ uid }) => uid);
    await stateOf(runtime, run, ({ source, running }) => source === 'it-0' && running);
    const before = await uids();
    await cluster.kill(runner.uid);
    await stateOf(runtime, run, (state) => running(state) && state.restarts === 1);
    await until(async () => (await uids()).length === 4 && !(await uids()).some((uid) => before.includes(uid)));
    expect(before).toHaveLength(4);
  });

  test('a service that ends before it is ready fails at once with its exit code and last lines', async () => {
    const command = ['sh', '-c', 'echo no database given >&2; exit 42'];
    expect(await error({ command, readiness: { timeoutSeconds: 600 } })).toMatchObject({
      code: 'component_not_ready',
      message: 'it-0 ended with exit code 42 before it was ready; its last lines: \nno database given',
      where: { step: 'it' },
    });
  });

  test('a service that never becomes ready fails with the response and its last lines', async () => {
    const readiness = { path: '/healthz', timeoutSeconds: 3 };
    const found = await error({ command: server({ status: 503 }), readiness });
    expect(found).toMatchObject({ code: 'component_not_ready', where: { step: 'it' } });
    expect(found?.message).toMatch(
      /^it-0 was not ready after 3 s; its last lines: \nlistening on 8080.*statuscode: 503/s,
    );
  });

  test('a service that does not listen on its port fails with port_not_served', async () => {
    const found = await error({ command: server({ port: 9999 }), readiness: { timeoutSeconds: 3 } });
    expect(found).toMatchObject({ code: 'port_not_served' });
    expect(found?.message).toMatch(/it-0 does not listen on port 8080 .*listening on 9999/s);
  });

  test.each<[string, object, string, RegExp]>([
    [
      'an image that does not exist',
      { image: `${process.env.REGISTRY}/none:1` },
      'image_missing',
      /\/none:1.*not found/,
    ],
    ['a command that does not exist', { command: ['/no/such'] }, 'container_config', /no\/such/],
  ])('a service with %s fails with the message of the cluster', async (_title, input, code, message) => {
    expect(await error(input)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each<[string, (pods: number) => Record<string, string>]>([
    ['objects that the runner creates', () => ({ services: '0' })],
    ['pods that a controller of the cluster creates', (pods) => ({ 'count/pods': String(pods) })],
  ])(
    'a deployment waits for a full quota of %s, reports that, and continues when there is room',
    async (_title, hardOf) => {
      const path = `/api/v1/namespaces/${cluster.namespace.name}/resourcequotas`;
      // It deploys only once its node has started it, which takes longer than a quota.
      await start([deployed('it', { command: server() })]);
      const { items } = await cluster.namespace.list('Pod', '');
      const body = { metadata: { name: 'few' }, spec: { hard: hardOf(items.length) } };
      await cluster.api.call({ method: 'POST', path, body });
      const ending = endOf();
      const state = await stateOf(runtime, run, () => true);
      const told = new AbortController();
      const lines = await linesOf(runtime.readLog(state, undefined, told.signal), (batch) => {
        if (texts(batch).some((line) => line.startsWith('it: waits for room in'))) told.abort();
      });
      await cluster.api.call({ method: 'DELETE', path: `${path}/few` });
      expect(texts(lines).join('\n')).toContain('exceeded quota: few');
      const waits = lines.flatMap(({ text }) => (text.includes('"step.waiting"') ? [JSON.parse(text).wait] : []));
      expect(waits).toEqual([
        { reason: 'quota_exceeded', message: expect.stringContaining('exceeded quota: few'), source: 'it-0' },
      ]);
      expect((await ending).end('it')).toMatchObject({ state: 'success' });
    },
  );

  test('a deployment that exceeds the timeout of its step ends with step_timeout', async () => {
    const slow = { command: server({ status: 503 }), readiness: { path: '/healthz' } };
    const { end } = await outcome([deployed('it', slow, { timeoutMs: 4000 })]);
    expect(end('it')?.error).toMatchObject({ code: 'step_timeout', where: { step: 'it' } });
  });

  test('a template of another kind of object is rejected with the line', async () => {
    const own = deployed('it', { command: server() });
    const templates = { headless: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{.Name}}\n' };
    const { end } = await outcome([{ ...own, def: { ...own.def, templates } }]);
    expect(end('it')?.error).toMatchObject({ code: 'template_invalid', where: { line: 2, step: 'it' } });
  });

  test("a script of a run with engine access calls the cluster's API as the runner's account, other runs have no token", async () => {
    const token = '/var/run/secrets/kubernetes.io/serviceaccount';
    const pods = `https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/${cluster.namespace.name}/pods`;
    const script = `wget -T 10 -q -O pods --ca-certificate=${token}/ca.crt --header "Authorization: Bearer $(cat ${token}/token)" ${pods} && grep -o PodList pods`;
    expect((await outcome([step('look', 'bash', { script })])).printed).toEqual(['PodList']);
    run = newRun();
    await start([step('look', 'bash', { script: `ls ${token}` })], { deploys: false });
    expect((await endOf()).end('look')).toMatchObject({ state: 'error' });
  });
});
