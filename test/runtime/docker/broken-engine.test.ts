import { randomBytes } from 'node:crypto';
import { globalAgent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { pino } from 'pino';
import type { RunIdentity } from '../../../src/model/run.ts';
import { createDockerRuntime } from '../../../src/runtime/docker/docker-runtime.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { Way } from '../../fixtures/way.ts';
import { ended, linesOf, never, newRun, running, shellSpec, stateOf, texts } from '../runs.ts';
import { importBusybox } from './busybox-image.ts';

const docker = new Docker();
const socketPath = join(tmpdir(), `brightbird-engine-${process.pid}.sock`);
const log = pino({ level: 'silent' });
const direct = createDockerRuntime({ docker, log, registry: '' });
let image = '';
let way: Way;
let runtime: Runtime;
let run: RunIdentity = newRun();

beforeAll(async () => {
  image = await importBusybox(docker, `brightbird-broken/${randomBytes(4).toString('hex')}`);
  way = await Way.to({ path: '/var/run/docker.sock' }, { path: socketPath });
  const behind = new Docker({ socketPath });
  runtime = createDockerRuntime({ docker: behind, log, registry: '', patienceSeconds: 0.3 });
});
afterEach(async () => {
  expect(await direct.cleanup({ testId: run.testId }, never)).toEqual([]);
  run = newRun();
});
afterAll(async () => {
  await way.down();
  await docker.getImage(image).remove({ force: true });
});

test('a log whose connection breaks again and again has each line once', async () => {
  const paced = 'i=0; while [ $i -lt 3000 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done';
  await direct.createRunner(shellSpec(run, image, `${paced}; sleep 0.3; ${paced}`), never);
  const state = await stateOf(direct, run, () => true);
  let read = 0;
  let cuts = 0;
  const lines = await linesOf(runtime.readLog(state, undefined, never), (batch) => {
    read += batch.length;
    if (read < cuts * 1500 + 1000) return;
    cuts += 1;
    way.cut();
  });
  expect(cuts).toBeGreaterThan(4);
  expect(lines).toEqual(await linesOf(direct.readLog(state, undefined, never)));
  expect(lines).toHaveLength(12_000);
});

test('a line that is cut by a broken connection comes whole, before what was written after it began', async () => {
  const script = `head -c 40000 /dev/zero | tr '\\0' a; sleep 0.3; echo early >&2; sleep 1; echo b; sleep 0.3; echo late >&2`;
  await direct.createRunner(shellSpec(run, image, script), never);
  const state = await stateOf(direct, run, running);
  const cutting = setInterval(() => way.cut(), 200);
  const lines = texts(await linesOf(runtime.readLog(state, undefined, never)));
  clearInterval(cutting);
  expect(lines.map((line) => line.replace(/^a{40000}/, '40,000 a, '))).toEqual(['40,000 a, b', 'early', 'late']);
});

test('a watch goes on when its events break off', async () => {
  const runner = await direct.createRunner(
    shellSpec(run, image, 'sleep 60', { pod: { terminationGracePeriodSeconds: 0 } }),
    never,
  );
  for await (const state of runtime.watch(run, never)) {
    if (!state.running) break;
    way.cut();
    await direct.stop(runner);
  }
  expect(await stateOf(direct, run, () => true)).toMatchObject({ running: false });
});

test('an engine that comes back in time was only waited for', async () => {
  await direct.createRunner(shellSpec(run, image, 'echo one'), never);
  const state = await stateOf(direct, run, ended);
  await way.down();
  const reading = linesOf(runtime.readLog(state, undefined, never));
  const watching = stateOf(runtime, run, () => true);
  await way.up();
  expect(texts(await reading)).toEqual(['one']);
  expect(await watching).toEqual(state);
});

test('an engine that stays away is a fault of every call', async () => {
  const runner = await direct.createRunner(shellSpec(run, image, 'echo one'), never);
  const state = await stateOf(direct, run, ended);
  await way.down();
  const calls: Promise<unknown>[] = [
    linesOf(runtime.readLog(state, undefined, never)),
    stateOf(runtime, run, () => true),
    runtime.createRunner(shellSpec(run, image, 'echo one'), never),
    runtime.restart?.(runner, state.finishedAt ?? '') ?? Promise.resolve(),
    runtime.stop(runner),
    runtime.cleanup({ testId: run.testId }, never),
    runtime.objects(run.testId),
  ];
  const results = await Promise.allSettled(calls);
  await way.up();
  const fault = expect.objectContaining({ code: 'engine_unavailable', hint: expect.stringContaining('DOCKER_HOST') });
  expect(results).toEqual(calls.map(() => ({ status: 'rejected', reason: fault })));
});

test('an aborted follower leaves no connection to the engine in use', async () => {
  await direct.createRunner(shellSpec(run, image, 'echo one; sleep 60'), never);
  const inUse = (): number =>
    Object.entries(globalAgent.sockets)
      .filter(([name]) => name.includes(socketPath))
      .reduce((sum, [, sockets]) => sum + (sockets?.length ?? 0), 0);
  const stop = new AbortController();
  let most = 0;
  for await (const state of runtime.watch(run, stop.signal)) {
    await linesOf(runtime.readLog(state, undefined, stop.signal), () => {
      most = inUse();
      stop.abort();
    });
  }
  expect(most).toBe(2);
  while (inUse() > 0) await new Promise((resolve) => setImmediate(resolve));
});
