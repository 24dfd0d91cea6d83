import { describe, expect, test } from '@jest/globals';
import { ThreadPool } from '../../../src/services/checks/thread-pool.ts';

/** Creates a pool whose thread runs the body for each request; `sleep(ms)` costs no CPU time. */
function thread(body: string): URL {
  const program = `
    import { parentPort } from 'node:worker_threads';
    const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    parentPort.on('message', (request) => {
      parentPort.postMessage({ kind: 'begin', cpu: process.threadCpuUsage() });
      ${body}
      parentPort.postMessage({ kind: 'done', json: JSON.stringify(request) });
    });`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

const limits = { threads: 1, cpuMs: 500, wallMs: 600_000, memoryMb: 64, maxWaiting: 10 };

describe('the limits of a request to a thread', () => {
  const pool = (body: string, changed = {}) => new ThreadPool(thread(body), { ...limits, ...changed });

  test('a thread that waits for CPU time longer than its CPU limit is not refused as too expensive', async () => {
    expect(await pool('sleep(2000);').run('a request')).toBe('a request');
  });

  test('a thread that exceeds its CPU limit is terminated, with the place of the check', async () => {
    const burn = "parentPort.postMessage({ kind: 'at', where: { line: 7 } }); for (;;) Math.random();";
    await expect(pool(burn).run('a request')).rejects.toMatchObject({
      message: 'took more than 0.5 s of CPU time',
      where: { line: 7 },
    });
  });

  test('CPU time of earlier requests does not count for the next one', async () => {
    const busy = pool('for (const end = Date.now() + 300; Date.now() < end; ) Math.random();');
    expect(await Promise.all(['a', 'b', 'c'].map((one) => busy.run(one)))).toEqual(['a', 'b', 'c']);
  });

  test('a request that exceeds the limit of elapsed time fails with unavailable', async () => {
    await expect(pool('sleep(600_000);', { wallMs: 300 }).run('a request')).rejects.toMatchObject({
      code: 'unavailable',
      message: 'a check did not end within 0.3 s, as this machine is busy',
    });
  });
});
