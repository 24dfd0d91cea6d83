import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import { pushImage } from '../../src/adapters/images/push-image.ts';
import { createApi } from '../../src/adapters/kubernetes/api.ts';
import { defaultTimeouts } from '../../src/adapters/kubernetes/cluster.ts';
import { followPods } from '../../src/adapters/kubernetes/follow-pods.ts';
import { connectKubeconfig } from '../../src/adapters/kubernetes/kubeconfig.ts';
import type { Pod } from '../../src/adapters/kubernetes/pod.ts';
import { Namespace } from '../../src/adapters/kubernetes/resources.ts';
import { connectClient } from '../../src/adapters/temporal/connect.ts';
import { finalStates } from '../../src/model/task-state.ts';
import { ApiClient } from '../../src/programs/cli/api-client.ts';
import { readConfig, registryAccount } from '../../src/programs/config.ts';
import type { ApiTask } from '../../src/programs/demo/api-task.ts';
import { prepareCluster } from '../../src/programs/embedded/prepare-cluster.ts';
import { startAll } from '../../src/programs/embedded/start-all.ts';
import { createLogger } from '../../src/programs/process/logger.ts';
import { apiWrites, writesEach } from './api-writes.ts';
import { emptyRunner, makeEmptyImage } from './empty-runner.ts';
import { median, percentile95 } from './statistics.ts';

// `npm run bench:cluster`: compares a task with an empty runner to a bare Pod of the same image, in the cluster of KUBECONFIG.
const rounds = Number(process.env.BENCH_ROUNDS ?? 20);
const many = Number(process.env.BENCH_MANY ?? 50);
const home = await mkdtemp(join(tmpdir(), 'brightbird-bench-'));
const template = join(home, 'template.yaml');
const config = readConfig({
  LOG_LEVEL: 'warn',
  ...process.env,
  // A separate namespace, as it is removed at the end.
  NAMESPACE: `brightbird-bench-${process.pid}`,
  RUNTIME: 'kubernetes',
  BRIGHTBIRD_HOME: home,
  RUNNER_TEMPLATE: template,
  PORT: '0',
});
const image = `${config.REGISTRY}/brightbird-bench/empty:1`;
await writeFile(template, emptyRunner(image));

const docker = new Docker();
await makeEmptyImage(docker, image);
await pushImage(docker, image, registryAccount(config));
const connection = connectKubeconfig(config.KUBECONFIG);
await prepareCluster(connection, config.NAMESPACE, console.log);
const namespace = new Namespace(createApi(connection), config.NAMESPACE);
const system = await startAll(config, createLogger(config), console.log);
const api = new ApiClient(system.apiUrl, undefined);
const graph = 'name: bench\npipeline:\n  nothing:\n    plugin: bash\n    input: {script: "true"}\n';
const flow = await api.post<{ id: string }>('/testflows', { name: 'bench', graph });
const job = await api.post<{ id: string }>('/jobs', { name: 'bench', testFlowId: flow.id });

/** Time at which each pod was first seen, by name. */
const created = new Map<string, number>();
const pods = new Map<string, Pod>();
const stopping = new AbortController();
const cluster = { ...defaultTimeouts, namespace, serviceAccount: '', log: { warn: () => undefined } };
const watching = followPods(
  cluster,
  { labelSelector: 'app=bench', action: 'watching the bench' },
  pods,
  () => {
    for (const { metadata } of pods.values()) if (!created.has(metadata.name)) created.set(metadata.name, Date.now());
  },
  stopping.signal,
);

async function settled(taskId: string): Promise<ApiTask> {
  for (;;) {
    const task = await api.get<ApiTask>(`/tasks/${taskId}`).catch(() => undefined);
    if (task && finalStates.includes(task.state)) return task;
    await pause(10);
  }
}

/** Starts a task. Returns a promise of its end. */
async function start(): Promise<{ taskId: string; end: Promise<{ created: number; settled: number }> }> {
  const begin = Date.now();
  const { taskId } = await api.post<{ taskId: string }>(`/jobs/${job.id}/run`);
  const end = settled(taskId).then(({ state, error, podName = '' }) => {
    if (state !== 'success') throw new Error(`${taskId} ended as ${state}: ${error?.message}`);
    return { created: (created.get(podName) ?? Number.NaN) - begin, settled: Date.now() - begin };
  });
  return { taskId, end };
}

/** Returns the numbers of events in the histories of tasks. */
async function historyLengths(taskIds: string[]): Promise<number[]> {
  const client = await connectClient(config, system.temporalAddress);
  const found = await Promise.all(taskIds.map((id) => client.workflow.getHandle(`task/${id}`).describe()));
  await client.connection.close();
  return found.map(({ historyLength }) => historyLength);
}

/** Runs a Pod of the same image until its end is seen and it is deleted. Returns the duration (ms). */
async function barePod(index: number): Promise<number> {
  const begin = Date.now();
  const name = `bare-${index}`;
  const containers = [{ name: 'empty', image, imagePullPolicy: 'IfNotPresent', command: ['/true'] }];
  const { metadata } = await namespace.create('Pod', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'bench' } },
    spec: { restartPolicy: 'OnFailure', containers },
  });
  while (pods.get(metadata.uid)?.status.phase !== 'Succeeded') await pause(5);
  await namespace.delete('Pod', name, metadata.uid);
  return Date.now() - begin;
}

/** Runs a Kubernetes Job of the same image until its end is seen and it is deleted. Returns the duration (ms). */
async function bareJob(index: number): Promise<number> {
  const begin = Date.now();
  const path = `/apis/batch/v1/namespaces/${config.NAMESPACE}/jobs`;
  const name = `bare-job-${index}`;
  const containers = [{ name: 'empty', image, imagePullPolicy: 'IfNotPresent', command: ['/true'] }];
  const template = { metadata: { labels: { app: 'bench' } }, spec: { restartPolicy: 'OnFailure', containers } };
  const body = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template } };
  await namespace.api.call({ method: 'POST', path, body });
  for (let done = false; !done; ) {
    const { status } = (await namespace.api.call({ path: `${path}/${name}` })) as { status: { succeeded?: number } };
    done = status.succeeded === 1;
    if (!done) await pause(10);
  }
  await namespace.api.call({ method: 'DELETE', path: `${path}/${name}`, query: { propagationPolicy: 'Background' } });
  return Date.now() - begin;
}

const row = (name: string, values: number[]): string =>
  `${name.padEnd(34)} ${median(values).toFixed(0).padStart(6)} ms  ${percentile95(values).toFixed(0).padStart(6)} ms`;

try {
  await (await start()).end;
  await barePod(-1);
  const samples: { created: number; settled: number; bare: number; job: number }[] = [];
  for (let round = 0; round < rounds; round += 1)
    samples.push({ ...(await (await start()).end), bare: await barePod(round), job: await bareJob(round) });
  console.log(`\nan empty container, ${rounds} rounds           median      p95`);
  console.log(
    row(
      'trigger -> pod created',
      samples.map((one) => one.created),
    ),
  );
  console.log(
    row(
      'trigger -> settled',
      samples.map((one) => one.settled),
    ),
  );
  console.log(
    row(
      'a bare Pod of the same',
      samples.map((one) => one.bare),
    ),
  );
  console.log(
    row(
      'a Kubernetes Job of the same',
      samples.map((one) => one.job),
    ),
  );
  const ratio = median(samples.map((one) => one.settled / one.bare));
  console.log(`ratio settled / bare Pod, median of pairs: ${ratio.toFixed(2)}`);
  const before = await apiWrites(namespace.api);
  const begin = Date.now();
  const started: Awaited<ReturnType<typeof start>>[] = [];
  for (let count = 0; count < many; count += 1) started.push(await start());
  await Promise.all(started.map(({ end }) => end));
  const seconds = (Date.now() - begin) / 1000;
  console.log(`${many} tasks at once: ${seconds.toFixed(1)} s, ${((many / seconds) * 60).toFixed(0)} a minute`);
  console.log(`API server writes per task: ${writesEach(before, await apiWrites(namespace.api), many)}`);
  const histories = await historyLengths(started.map(({ taskId }) => taskId));
  console.log(`history events per task: median ${median(histories)}, max ${Math.max(...histories)}`);
} finally {
  stopping.abort();
  await watching;
  await system.stop();
  await namespace.api.call({ method: 'DELETE', path: `/api/v1/namespaces/${config.NAMESPACE}` });
  await docker.getImage(image).remove({ force: true });
  await rm(home, { recursive: true, force: true });
}
