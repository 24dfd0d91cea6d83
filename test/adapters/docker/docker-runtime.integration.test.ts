import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { pino } from 'pino';
import { createDockerRuntime } from '../../../src/adapters/docker/docker-runtime.ts';
import { ensureNetwork, networkName } from '../../../src/adapters/docker/networks.ts';
import { runLabels } from '../../../src/model/engine/labels.ts';
import type { RunnerRef } from '../../../src/model/engine/runtime.ts';
import type { RunIdentity } from '../../../src/model/run.ts';
import type { RuntimeWait } from '../../../src/model/waiting.ts';
import { importBusybox } from '../../support/adapters/docker/busybox-image.ts';
import {
  ended,
  linesOf,
  never,
  newRun,
  type SpecChanges,
  shellSpec,
  stateOf,
  texts,
} from '../../support/model/engine/runs.ts';

const docker = new Docker();
const log = pino({ level: 'silent' });
const runtime = createDockerRuntime({ docker, log, registry: '', startTimeoutSeconds: 0.5 });
const volumes = new Set<string>();
let used: RunIdentity[] = [];
let image = '';

beforeAll(async () => {
  image = await importBusybox(docker, `brightbird-test/${randomBytes(4).toString('hex')}`);
});
afterEach(async () => {
  const leftovers = await Promise.all(used.map(({ testId }) => runtime.cleanup({ testId }, never)));
  used = [];
  await Promise.all([...volumes].map((name) => docker.getVolume(name).remove()));
  volumes.clear();
  expect(leftovers.flat()).toEqual([]);
});
afterAll(() => docker.getImage(image).remove({ force: true }));

function run(): RunIdentity {
  const made = newRun();
  used.push(made);
  return made;
}

const create = (of: RunIdentity, script: string, changes?: SpecChanges): Promise<RunnerRef> =>
  runtime.createRunner(shellSpec(of, image, script, changes), never);

async function output(of: RunIdentity): Promise<string[]> {
  const state = await stateOf(runtime, of, ended);
  return texts(await linesOf(runtime.readLog(state, undefined, never)));
}

test('recreates, with its files, a runner that a dead worker created but never started', async () => {
  const mine = run();
  const name = `test-runner-${mine.testId}`;
  const left = await docker.createContainer({
    name,
    Image: image,
    Cmd: ['/bin/sh'],
    Labels: runLabels(mine, 'runner'),
  });
  const runner = await create(mine, 'cat /work/work.json');
  expect(runner.uid).not.toBe(left.id);
  expect(JSON.parse((await output(mine))[0] ?? '')).toMatchObject({ taskId: mine.taskId });
});

test("keeps a foreign container with the runner's name and names it in the fault", async () => {
  const mine = run();
  const name = `test-runner-${mine.testId}`;
  const foreign = await docker.createContainer({
    name,
    Image: image,
    Cmd: ['/bin/sh'],
    Labels: { testid: mine.testId },
  });
  await expect(create(mine, 'exit 0')).rejects.toMatchObject({
    code: 'conflict',
    hint: `remove it: docker rm -f ${name}`,
  });
  expect(await runtime.cleanup({ testId: mine.testId }, never)).toEqual([]);
  await foreign.inspect();
  await foreign.remove();
});

test('creates a separate network for each of 32 concurrent runs', async () => {
  const runs = Array.from({ length: 32 }, run);
  await Promise.all(runs.map((one) => ensureNetwork(docker, one)));
  const subnets = await Promise.all(
    runs.map(async (one) => (await docker.getNetwork(networkName(one)).inspect()).IPAM?.Config?.[0]?.Subnet),
  );
  expect(new Set(subnets).size).toBe(32);
});

test("gives only a runner that deploys its own network and the engine's socket", async () => {
  const [plain, deploying] = [run(), run()];
  const look = 'ls /var/run/docker.sock 2>&1';
  const runners = await Promise.all([create(plain, look), create(deploying, look, { deploys: true })]);
  const networks = await Promise.all(
    runners.map(async ({ uid }) => Object.keys((await docker.getContainer(uid).inspect()).NetworkSettings.Networks)),
  );
  expect(networks).toEqual([['bridge'], [`brightbird-${deploying.testId}`]]);
  expect(await output(plain)).toEqual(['ls: /var/run/docker.sock: No such file or directory']);
  expect(await output(deploying)).toEqual(['/var/run/docker.sock']);
});

test('keeps the volume of a claim after the run and removes that of an emptyDir', async () => {
  const mine = run();
  const claim = `shared-${mine.testId}`;
  volumes.add(`brightbird-contract-${claim}`);
  const changes: SpecChanges = {
    container: {
      volumeMounts: [
        { name: 'shared', mountPath: '/shared-dir', subPath: 'contract' },
        { name: 'scratch', mountPath: '/scratch' },
      ],
    },
    pod: {
      volumes: [
        { name: 'shared', persistentVolumeClaim: { claimName: claim } },
        { name: 'scratch', emptyDir: {} },
      ],
    },
  };
  await create(mine, 'echo kept > /shared-dir/file; echo lost > /scratch/file', changes);
  await stateOf(runtime, mine, ended);
  expect((await runtime.listObjects(mine.testId)).map(({ kind }) => kind)).toEqual(['container', 'volume']);
  expect(await runtime.cleanup({ testId: mine.testId }, never)).toEqual([]);
  expect(await runtime.listObjects(mine.testId)).toEqual([]);
  await create(mine, 'cat /shared-dir/file; ls /scratch', changes);
  expect(await output(mine)).toEqual(['kept']);
});

test('applies hostPath, limits and working directory of the template', async () => {
  const mine = run();
  const folder = await mkdtemp(join(tmpdir(), 'brightbird-docker-'));
  await writeFile(join(folder, 'file'), 'from the host\n');
  const runner = await create(mine, 'cat file; echo x 2>&1 > file', {
    container: {
      workingDir: '/host',
      volumeMounts: [{ name: 'host', mountPath: '/host', readOnly: true }],
      resources: { limits: { memory: '64Mi', cpu: '500m' }, requests: { cpu: 1 } },
    },
    pod: { volumes: [{ name: 'host', hostPath: { path: folder } }] },
  });
  expect((await output(mine))[0]).toBe('from the host');
  await rm(folder, { recursive: true });
  const { HostConfig } = await docker.getContainer(runner.uid).inspect();
  expect(HostConfig).toMatchObject({ Memory: 64 * 2 ** 20, NanoCpus: 5e8, RestartPolicy: { Name: '' } });
});

test('reports a runner that exceeds its memory limit as out of memory', async () => {
  const mine = run();
  const limits = { memory: '16Mi' };
  await create(mine, 'x=xxxxxxxxxxxxxxxx; while :; do x="$x$x"; done', { container: { resources: { limits } } });
  expect(await stateOf(runtime, mine, ended)).toMatchObject({ outOfMemory: true, exitCode: 137 });
});

test.each([
  ['a program that does not exist', { container: { command: ['/bin/nonsense'] } }, /nonsense/],
  [
    'a hostPath that does not exist',
    {
      container: { volumeMounts: [{ name: 'host', mountPath: '/host' }] },
      pod: { volumes: [{ name: 'host', hostPath: { path: '/nonsense' } }] },
    },
    /nonsense/,
  ],
])('throws template_invalid for %s', async (_title, changes, message) => {
  await expect(create(run(), 'exit 0', changes)).rejects.toMatchObject({
    code: 'template_invalid',
    message: expect.stringMatching(message),
    hint: expect.stringContaining('template'),
  });
});

test('names a missing image and pulls it only from the configured registry', async () => {
  const mine = run();
  const missing = (registry: string, name: string) => {
    const spec = shellSpec(mine, name, 'exit 0');
    return createDockerRuntime({ docker, log, registry }).createRunner(spec, never, (waits) => reported.push(...waits));
  };
  const reported: RuntimeWait[] = [];
  await expect(missing('', 'brightbird-test/none:1')).rejects.toMatchObject({
    code: 'image_missing',
    message: 'the engine has no image brightbird-test/none:1',
    hint: expect.stringContaining('REGISTRY'),
  });
  await expect(missing('127.0.0.1:9', 'brightbird-test/none:1')).rejects.toMatchObject({
    code: 'image_missing',
    hint: expect.stringContaining('127.0.0.1:9'),
  });
  await expect(missing('127.0.0.1:9', '127.0.0.1:9/none:1')).rejects.toMatchObject({
    code: 'registry_refused',
    message: expect.stringMatching(/^127\.0\.0\.1:9\/none:1 cannot be pulled: .*refused/),
  });
  const message = 'the engine pulls image 127.0.0.1:9/none:1';
  const pod = { name: `test-runner-${mine.testId}`, role: 'runner' };
  expect(reported).toEqual([{ reason: 'image_pull', message, source: 'runner', pod }]);
  expect(await runtime.listObjects(mine.testId)).toEqual([]);
});

test('names a program that the plugin store lacks, and creates the runner on the next try', async () => {
  const mine = run();
  const files = [{ from: '/nonsense/program', to: '/work/plugins/program' }];
  await expect(create(mine, 'exit 0', { files })).rejects.toMatchObject({
    code: 'plugin_invalid',
    message: expect.stringContaining('/nonsense/program'),
  });
  await create(mine, 'echo made');
  expect(await output(mine)).toEqual(['made']);
});

test("creates runners without log rotation, whatever the engine's default is", async () => {
  const { uid } = await create(run(), 'exit 0');
  const { LogConfig } = (await docker.getContainer(uid).inspect()).HostConfig;
  expect(LogConfig).toMatchObject({ Type: 'json-file', Config: { 'max-file': '1', mode: 'blocking' } });
});
