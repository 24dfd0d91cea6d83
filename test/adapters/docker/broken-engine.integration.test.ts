import { randomBytes } from 'node:crypto';
import { globalAgent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { pino } from 'pino';
import { createDockerRuntime } from '../../../src/adapters/docker/docker-runtime.ts';
import type { RuntimeWait } from '../../../src/model/waiting.ts';
import { importBusybox } from '../../support/adapters/docker/busybox-image.ts';
import { Way } from '../../support/jest/way.ts';
import { describeBrokenContract } from '../../support/model/engine/broken-contract.ts';
import { linesOf, never, running, stateOf, texts } from '../../support/model/engine/runs.ts';

const socketPath = join(tmpdir(), `brightbird-engine-${process.pid}.sock`);

describeBrokenContract(
  'over a connection to the Docker engine that breaks',
  async () => {
    const docker = new Docker();
    const parts = { log: pino({ level: 'silent' }), registry: '' };
    const image = await importBusybox(docker, `brightbird-broken/${randomBytes(4).toString('hex')}`);
    const behind = new Docker({ socketPath });
    return {
      image,
      namespace: 'contract',
      setting: 'DOCKER_HOST',
      way: await Way.to({ path: '/var/run/docker.sock' }, { path: socketPath }),
      direct: createDockerRuntime({ ...parts, docker }),
      runtime: createDockerRuntime({ ...parts, docker: behind, patienceSeconds: 1, answerSeconds: 1 }),
      close: () => docker.getImage(image).remove({ force: true }),
    };
  },
  (bench) => {
    test('a line that is cut comes whole, before what was written after it began', async () => {
      const { direct, runtime, way, run } = bench;
      const begun = `head -c 40000 /dev/zero | tr '\\0' a; sleep 0.3; echo early >&2`;
      await bench.create(`${begun}; sleep 1; echo b; sleep 0.3; echo late >&2`);
      const state = await stateOf(direct, run, running);
      using _cutting = way.cutEvery(200);
      const lines = texts(await linesOf(runtime.readLog(state, undefined, never)));
      expect(lines.map((line) => line.replace(/^a{40000}/, '40,000 a, '))).toEqual(['40,000 a, b', 'early', 'late']);
    });

    test('an aborted follower leaves no connection to the engine in use', async () => {
      const { runtime, run } = bench;
      await bench.create('echo one; sleep 60');
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

    test('an engine that takes calls and never answers is one that does not answer, for a watch and when it is asked', async () => {
      const { runtime, way, run } = bench;
      await bench.create('sleep 60');
      way.mute();
      const told: string[] = [];
      const onWaits = (waits: readonly RuntimeWait[]): void => void told.push(...waits.map(({ reason }) => reason));
      const watching = async (): Promise<void> => {
        for await (const _state of runtime.watch(run, never, onWaits));
      };
      await expect(watching()).rejects.toMatchObject({ code: 'engine_unavailable' });
      expect(told).toContain('engine_unavailable');
      await expect(runtime.ping?.(never)).rejects.toMatchObject({ code: 'engine_unavailable' });
    });
  },
);
