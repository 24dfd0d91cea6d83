import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { pushImage } from '../../src/adapters/images/push-image.ts';
import { ApiClient } from '../../src/programs/cli/api-client.ts';
import { createDemoRepository } from '../../src/programs/demo/make-repository.ts';
import { noCluster, TestCluster } from '../support/adapters/kubernetes/test-cluster.ts';
import { lets, type PodOfPolicy, type PolicyView } from '../support/deploy/network-policies.ts';
import { writeOverlay } from '../support/deploy/overlay.ts';
import { createOwnNames } from '../support/deploy/own-names.ts';
import { greeterPlugin, uploadPlugin } from '../support/deploy/plugins.ts';
import { buildProduct } from '../support/deploy/product-image.ts';
import { root, run } from '../support/deploy/run.ts';
import { serveRepository } from '../support/deploy/serve-repository.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { settled, until } from '../support/e2e/system.ts';
import { Way } from '../support/jest/way.ts';

const token = randomBytes(16).toString('hex');
const undo: (() => unknown)[] = [];
const flow = `name: in-cluster
pipeline:
  greeter:
    plugin: greeter-deploy
    version: v1.0.0
    input: {replicas: 1}
  words:
    plugin: word-count
    version: v1.0.0
    input: {text: one two three}
  count:
    plugin: bash
    input: {script: "i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo line $i; sleep 0.1; done"}
  check:
    plugin: http-check
    input: {url: "{{greeter.svcEndpoint}}/hello", expect: {status: 200, body: hello}}
`;
let cluster: TestCluster;
let overlay: string;
let server: string;
let api: ApiClient;
let repositoryUrl: string;
/** All pods of the namespace during the task. */
let pods: PodOfPolicy[];

const kubectl = (...args: string[]): Promise<string> => run('kubectl', ['-n', cluster.namespace.name, ...args]);

/** Returns the address of this machine for the pods of its node: its source address towards the node. */
async function ownAddress(): Promise<string> {
  const path = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  const node = await run('kubectl', ['get', 'nodes', '-o', `jsonpath=${path}`]);
  const socket = createSocket('udp4');
  socket.connect(9, node);
  await once(socket, 'connect');
  const { address } = socket.address();
  socket.close();
  return address;
}

/** Forwards the Service with `kubectl port-forward`. Returns an address of this machine. */
async function portForward(): Promise<string> {
  const args = ['-n', cluster.namespace.name, 'port-forward', 'service/brightbird-server', ':80'];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  undo.push(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port) return `http://127.0.0.1:${port}`;
  }
  throw new Error('kubectl port-forward ended');
}

/** Waits until all pods of a Deployment are ready. Throws an error with their logs otherwise. */
async function rolledOut(name: string): Promise<void> {
  await kubectl('rollout', 'status', `deployment/${name}`, '--timeout=150s').catch(async (error: Error) => {
    const selector = ['-l', `app.kubernetes.io/name=${name}`];
    const pods = await kubectl('describe', 'pods', ...selector);
    const logs = await kubectl('logs', ...selector, '--all-containers', '--tail=30').catch(String);
    throw new Error(`${error.message}\n${pods}\n${logs}`);
  });
}

interface PodView {
  metadata: { name: string; uid: string };
  status: { containerStatuses?: { restartCount: number; ready: boolean }[] };
}

async function workers(): Promise<PodView[]> {
  const selector = 'app.kubernetes.io/name=brightbird-worker';
  return JSON.parse(await kubectl('get', 'pods', '-l', selector, '-o', 'json')).items;
}

(noCluster ? describe.skip : describe)('the product in a cluster with deploy/kubernetes and an overlay', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start();
    const { name } = cluster.namespace;
    const folder = await mkdtemp(join(tmpdir(), `${name}-`));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const host = await ownAddress();
    const docker = new Docker();

    const image = { name: `${process.env.REGISTRY}/${name}-product`, tag: '1' };
    const { runnerBase } = await buildProduct(`${image.name}:${image.tag}`);
    undo.push(() => docker.getImage(`${image.name}:${image.tag}`).remove({ force: true }));
    await pushImage(docker, `${image.name}:${image.tag}`, undefined);

    const own = await createOwnNames(name);
    undo.push(own.drop);
    const { port: registryPort } = new URL(`http://${process.env.REGISTRY}`);
    // Pods reach this machine at its own address, where these servers do not listen.
    const wayTo = async (server: NetConnectOpts): Promise<number> => {
      const way = await Way.to(server, { host, port: 0 });
      undo.push(() => way.down());
      return way.port;
    };
    const exposed = (port: string | number) => wayTo({ host: '127.0.0.1', port: Number(port) });
    own.mongoUri.host = `${host}:${await exposed(own.mongoUri.port)}`;
    overlay = await writeOverlay(join(folder, 'overlay'), {
      namespace: name,
      image,
      settings: {
        REGISTRY: process.env.REGISTRY ?? '',
        TEMPORAL_ADDRESS: `${host}:${await exposed(own.temporalAddress.split(':')[1] ?? '')}`,
        TEMPORAL_NAMESPACE: name,
        DOCKER_HOST: `tcp://${host}:${await wayTo({ path: '/var/run/docker.sock' })}`,
        BASE_IMAGE: runnerBase,
      },
      secrets: { BRIGHTBIRD_ADMIN_TOKEN: token, MONGODB_URI: own.mongoUri.href },
      registry: { host, port: await exposed(registryPort), knownAs: Number(registryPort) },
    });

    const repository = await createDemoRepository(join(root, 'examples/greeter'), join(folder, 'greeter'));
    const source = await serveRepository(host, repository.path);
    undo.push(source.close);
    repositoryUrl = source.url;
  }, 600_000);

  afterAll(async () => {
    for (const step of undo.reverse()) await step();
    await cluster.close();
  });

  test('starts with two ready servers and two ready workers', async () => {
    await kubectl('apply', '--validate=strict', '-k', overlay);
    await rolledOut('brightbird-server');
    await rolledOut('brightbird-worker');
    server = await portForward();
    api = new ApiClient(server, token);
    expect((await fetch(`${server}/readyz`)).status).toBe(200);
  }, 400_000);

  test('accepts uploaded plugins into the volume shared by servers, workers and runners', async () => {
    await uploadPlugin({ url: server, token }, 'greeter.tar', await greeterPlugin(repositoryUrl));
    // Larger than a Secret, so that it can reach the runner only by the volume.
    const program = await readFile(join(root, 'examples/plugins/shell/word-count.sh'));
    const large = Buffer.concat([program, Buffer.from(`exit 0\n${'# more\n'.repeat(300_000)}`)]);
    await uploadPlugin({ url: server, token }, 'word-count.sh', large);
  });

  test('runs a task with a component, with a complete log although all workers are killed halfway', async () => {
    const taskId = await runFlow(api, flow);
    await until(async () => {
      const lines = await allLines(api, taskId, { step: 'count' }).catch(() => []);
      return lines.length > 20;
    });
    pods = JSON.parse(await kubectl('get', 'pods', '-o', 'json')).items;
    for (const { metadata } of await workers()) await cluster.kill(metadata.uid);
    const task = await settled(api, taskId);
    expect({ state: task.state, error: task.error }).toEqual({ state: 'success', error: undefined });
    expect((await workers()).map(({ status }) => status.containerStatuses?.[0]?.restartCount)).toEqual([1, 1]);
    const lines = await allLines(api, taskId);
    expect([...new Set(lines.map(({ source }) => source))].sort()).toEqual([
      'build:greeter-deploy',
      'greeter-0',
      'runner',
    ]);
    expect(lines.filter(({ gap }) => gap)).toEqual([]);
    const counted = await allLines(api, taskId, { step: 'count' });
    expect(counted.map(({ text }) => text)).toEqual(Array.from({ length: 150 }, (_, index) => `line ${index + 1}`));
    const words = await allLines(api, taskId, { step: 'words' });
    expect(words.map(({ text }) => text)).toContain('counted 3 words');
    expect(await kubectl('get', 'all,configmaps,secrets,pvc', '-l', `testid=${task.testId}`, '-o', 'name')).toBe('');
  });

  test('has network policies that allow only the needed connections', async () => {
    const policies = JSON.parse(await kubectl('get', 'networkpolicies', '-o', 'json')).items as PolicyView[];
    const pod = (name: string) => pods.find(({ metadata }) => metadata.name.startsWith(name)) as PodOfPolicy;
    const [web, worker, runner, component] = ['brightbird-server', 'brightbird-worker', 'test-runner', 'greeter'].map(
      pod,
    );
    const outside = undefined;
    const open = [
      { from: outside, to: web, port: 8300 },
      { from: runner, to: component, port: 8080 },
      { from: component, to: component, port: 8080 },
    ];
    const closed = [
      { from: outside, to: worker, port: 8300 },
      { from: outside, to: component, port: 8080 },
      { from: web, to: component, port: 8080 },
      { from: outside, to: runner, port: 8080 },
      { from: outside, to: web, port: 9229 },
    ];
    const answers = [...open, ...closed].map(({ from, to, port }) => to && lets(policies, from, to, port));
    expect(answers).toEqual([...open.map(() => true), ...closed.map(() => false)]);
    // Plugins of the original create their own pods, with more labels than the test's.
    const { testid = '' } = runner?.metadata.labels ?? {};
    const venus = { metadata: { name: 'venus', labels: { testid, apptype: 'venus' } }, spec: { containers: [] } };
    expect(lets(policies, runner, venus, 3453)).toBe(true);
    expect(lets(policies, outside, venus, 3453)).toBe(false);
  });

  test('is removed with kubectl delete without leftovers', async () => {
    await kubectl('delete', '-k', overlay, '--ignore-not-found', '--timeout=100s');
    const { name } = cluster.namespace;
    // Volumes and the namespace go after the answer: the provisioner and the namespace controller remove them.
    await until(async () => {
      const volumes = JSON.parse(await run('kubectl', ['get', 'pv', '-o', 'json'])).items as {
        spec: { claimRef?: { namespace: string } };
      }[];
      return volumes.every(({ spec }) => spec.claimRef?.namespace !== name);
    });
    await until(async () => (await run('kubectl', ['get', 'namespace', name, '--ignore-not-found'])) === '');
  });
});
