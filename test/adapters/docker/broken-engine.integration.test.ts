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
  'the Docker runtime over a breaking connection',
  async () => {
    const docker = new Docker();
    const parts = { log: pino({ level: 'silent' }), registry: '' };
    const image = await importBusybox(docker, `brightbird-broken/${randomBytes(4).toString('hex')}`);
    const proxied = new Docker({ socketPath });
    return {
      image,
      namespace: 'contract',
      setting: 'DOCKER_HOST',
      proxy: await Way.to({ path: '/var/run/docker.sock' }, { path: socketPath }),
      direct: createDockerRuntime({ ...parts, docker }),
      runtime: createDockerRuntime({
        ...parts,
        docker: proxied,
        unreachableTimeoutSeconds: 1,
        answerTimeoutSeconds: 1,
      }),
      close: () => docker.getImage(image).remove({ force: true }),
    };
  },
  (bench) => {
    test('returns an interrupted line whole, before lines that were written after its beginning', async () => {
      const { direct, runtime, proxy: way, run } = bench;
      const begun = `head -c 40000 /dev/zero | tr '\\0' a; sleep 0.3; echo early >&2`;
      await bench.create(`${begun}; sleep 1; echo b; sleep 1; echo late >&2`);
      const state = await stateOf(direct, run, running);
      using _cutting = way.cutEvery(200);
      const lines = texts(await linesOf(runtime.readLog(state, undefined, never)));
      expect(lines.map((line) => line.replace(/^a{40000}/, '40,000 a, '))).toEqual(['40,000 a, b', 'early', 'late']);
    });

    test('closes its connections to the engine when a watch and a log are aborted', async () => {
      const { runtime, run } = bench;
      await bench.create('echo one; sleep 60');
      const inUse = (): number =>
        Object.entries(globalAgent.sockets)
          .filter(([name]) => name.includes(socketPath))
          .reduce((sum, [, sockets]) => sum + (sockets?.length ?? 0), 0);
      const stop = new AbortController();
      let maxInUse = 0;
      for await (const state of runtime.watch(run, stop.signal)) {
        await linesOf(runtime.readLog(state, undefined, stop.signal), () => {
          maxInUse = inUse();
          stop.abort();
        });
      }
      expect(maxInUse).toBe(2);
      while (inUse() > 0) await new Promise((resolve) => setImmediate(resolve));
    });

    test('throws engine_unavailable from watch and ping when the engine accepts calls but never answers', async () => {
      const { runtime, proxy: way, run } = bench;
      await bench.create('sleep 60');
      way.mute();
      const reasons: string[] = [];
      const onWaits = (waits: readonly RuntimeWait[]): void => void reasons.push(...waits.map(({ reason }) => reason));
      const watching = async (): Promise<void> => {
        for await (const _state of runtime.watch(run, never, onWaits));
      };
      await expect(watching()).rejects.toMatchObject({ code: 'engine_unavailable' });
      expect(reasons).toContain('engine_unavailable');
      await expect(runtime.ping?.(never)).rejects.toMatchObject({ code: 'engine_unavailable' });
    });
  },
);
