import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createKubernetesRuntime } from '../../../src/adapters/kubernetes/kubernetes-runtime.ts';
import { LogLostError, LogTruncatedError } from '../../../src/model/engine/log-errors.ts';
import type { Runtime } from '../../../src/model/engine/runtime.ts';
import {
  containerEnded,
  containerRuns,
  json,
  podOf,
  refuse,
  ScriptedApi,
} from '../../support/adapters/kubernetes/scripted-api.ts';
import { linesOf, never, newRun, texts } from '../../support/model/engine/runs.ts';

const run = newRun();
const source = {
  streamId: 'uid-of-the-pod/one',
  containerId: 'one',
  pod: { name: `test-runner-${run.testId}`, container: 'runner' },
};

function runtimeOf({ connection }: ScriptedApi, unreachableTimeoutSeconds = 10): Runtime {
  return createKubernetesRuntime({
    connection,
    namespace: 'n',
    log: pino({ level: 'silent' }),
    unreachableTimeoutSeconds,
  });
}
const line = (second: number, text: string): string => `2026-11-23T10:00:0${second}.000000000Z ${text}\n`;
const isLog = (url: URL): boolean => url.pathname.endsWith('/log');

describe('readLog', () => {
  test('waits for a log while its restarted node does not know it yet', async () => {
    let asked = 0;
    await using api = await ScriptedApi.start(({ url }, response) => {
      if (!isLog(url)) return json(response, podOf(run.testId, run.runId, containerEnded()));
      asked += 1;
      if (asked === 1) return refuse(response, 404, 'pods "test-runner" not found');
      if (asked === 2) return refuse(response, 400, 'container "runner" in pod "test-runner" is not available');
      if (asked === 3) return refuse(response, 500, 'dial tcp 10.0.0.1:10250: connect: connection refused');
      response.end(line(1, 'one') + line(2, 'two'));
    });
    expect(texts(await linesOf(runtimeOf(api).readLog(source, undefined, never)))).toEqual(['one', 'two']);
  });

  test('throws LogLostError, after retries, when the node has removed the log', async () => {
    await using api = await ScriptedApi.start(({ url }, response) => {
      if (!isLog(url)) return json(response, podOf(run.testId, run.runId, containerEnded()));
      response.end('unable to retrieve container logs for containerd://one');
    });
    const reading = linesOf(runtimeOf(api, 0.3).readLog(source, undefined, never));
    await expect(reading).rejects.toBeInstanceOf(LogLostError);
  });

  test('throws LogLostError, after the part of the last line, when other containers have replaced the container', async () => {
    let gone = false;
    await using api = await ScriptedApi.start(({ url }, response) => {
      if (!isLog(url)) {
        const container = gone ? { ...containerRuns, containerID: 'containerd://three' } : containerRuns;
        return json(response, podOf(run.testId, run.runId, container));
      }
      response.write(`${line(1, 'one')}${line(2, 'cut').slice(0, -1)}`);
      // After the reader has checked that it is still the container's log.
      setTimeout(() => {
        gone = true;
        response.destroy();
      }, 200);
    });
    const seen: string[] = [];
    const reading = linesOf(
      runtimeOf(api).readLog(source, undefined, never),
      (lines) => void seen.push(...texts(lines)),
    );
    await expect(reading).rejects.toBeInstanceOf(LogLostError);
    expect(seen).toEqual(['one', 'cut']);
  });

  test('throws LogTruncatedError when unread lines were rotated away', async () => {
    let asked = 0;
    await using api = await ScriptedApi.start(({ url }, response) => {
      if (!isLog(url))
        return json(response, podOf(run.testId, run.runId, asked < 2 ? containerRuns : containerEnded()));
      asked += 1;
      response.end(asked === 1 ? line(1, 'one') : line(5, 'much later'));
    });
    const seen: string[] = [];
    const reading = linesOf(
      runtimeOf(api).readLog(source, undefined, never),
      (lines) => void seen.push(...texts(lines)),
    );
    await expect(reading).rejects.toBeInstanceOf(LogTruncatedError);
    expect(seen).toEqual(['one']);
  });

  test('ends without lines when the pod no longer exists', async () => {
    await using api = await ScriptedApi.start((_request, response) => refuse(response, 404, 'pods not found'));
    expect(await linesOf(runtimeOf(api).readLog(source, undefined, never))).toEqual([]);
  });
});

describe('watch', () => {
  const list = (...items: object[]): object => ({ metadata: { resourceVersion: '7' }, items });
  const isWatch = (url: URL): boolean => url.searchParams.get('watch') === 'true';

  test('lists again when its resource version is too old for the server', async () => {
    let lists = 0;
    await using api = await ScriptedApi.start(({ url }, response) => {
      if (isWatch(url)) {
        const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
        return void response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      }
      lists += 1;
      json(response, list(podOf(run.testId, run.runId, lists < 3 ? containerRuns : containerEnded())));
    });
    const seen: boolean[] = [];
    for await (const state of runtimeOf(api).watch(run, never)) {
      seen.push(state.running);
      if (!state.running) break;
    }
    expect(seen).toEqual([true, false]);
  });

  test('reads changes from the stream, whatever chunks it comes in', async () => {
    await using api = await ScriptedApi.start(async ({ url, signal }, response) => {
      if (!isWatch(url)) return json(response, list(podOf(run.testId, run.runId, containerRuns)));
      const object = podOf(run.testId, run.runId, containerEnded(3));
      const event = `${JSON.stringify({ type: 'MODIFIED', object })}\n`;
      for (let from = 0; from < event.length && !signal.aborted; from += 100) {
        response.write(event.slice(from, from + 100));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });
    const codes: (number | undefined)[] = [];
    for await (const state of runtimeOf(api).watch(run, never)) if (codes.push(state.exitCode) === 2) break;
    expect(codes).toEqual([undefined, 3]);
    expect(api.requests.filter((url) => !isWatch(url))).toHaveLength(1);
  });

  test.each([
    ['node_lost', { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }] }],
    ['evicted', { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }],
    ['evicted', { phase: 'Failed', reason: 'OutOfcpu', message: 'Node did not have enough resource: cpu' }],
  ])('throws %s with the events when the cluster has removed the runner', async (code, status) => {
    await using api = await ScriptedApi.start(({ url }, response) => {
      if (url.pathname.endsWith('/events'))
        return json(response, { items: [{ reason: 'Gone', message: 'it is gone' }] });
      if (isWatch(url)) return;
      json(response, list(podOf(run.testId, run.runId, { state: {} }, status)));
    });
    const watching = async (): Promise<void> => {
      for await (const _state of runtimeOf(api).watch(run, never));
    };
    await expect(watching()).rejects.toMatchObject({ code, message: expect.stringContaining('Gone: it is gone') });
  });

  /** Starts an API with a runner whose image is pulled at the third request; earlier pulls fail with `reason`. */
  const startPulling = (reason: string) => {
    const waitingPod = (waiting: { reason: string; message: string }) => {
      return podOf(run.testId, run.runId, { state: { waiting } }, { phase: 'Pending' });
    };
    const pods = [
      waitingPod({ reason: 'ErrImagePull', message: reason }),
      waitingPod({ reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' }),
      podOf(run.testId, run.runId, containerEnded()),
    ];
    return ScriptedApi.start(({ url }, response) => {
      if (url.pathname.endsWith('/events')) {
        return json(response, { items: [{ reason: 'Failed', message: `Failed to pull image "x": ${reason}` }] });
      }
      if (isWatch(url)) return refuse(response, 410, 'too old resource version');
      json(response, list((pods.length > 1 ? pods.shift() : pods[0]) ?? {}));
    });
  };

  test('waits for a delayed image pull, and throws image_missing for a missing image', async () => {
    await using api = await startPulling('pull QPS exceeded');
    for await (const state of runtimeOf(api).watch(run, never)) {
      expect(state.exitCode).toBe(0);
      break;
    }
    await using missing = await startPulling('not found');
    const watching = async (): Promise<void> => {
      for await (const _state of runtimeOf(missing).watch(run, never));
    };
    await expect(watching()).rejects.toMatchObject({ code: 'image_missing' });
  });

  test('throws forbidden without a retry when the watch is refused', async () => {
    await using api = await ScriptedApi.start(({ url }, response) => {
      if (isWatch(url)) return refuse(response, 403, 'pods is forbidden: User "x" cannot watch resource "pods"');
      json(response, list(podOf(run.testId, run.runId, containerRuns)));
    });
    const watching = async (): Promise<void> => {
      for await (const _state of runtimeOf(api).watch(run, never));
    };
    await expect(watching()).rejects.toMatchObject({ code: 'forbidden', hint: expect.stringContaining('role') });
  });
});
