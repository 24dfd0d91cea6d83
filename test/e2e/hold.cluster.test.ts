import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../src/model/fault.ts';
import type { ApiTask } from '../../src/programs/demo/api-task.ts';
import { plugin } from '../../src/programs/demo/runs.ts';
import { noCluster } from '../support/adapters/kubernetes/test-cluster.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { type ClusterSystem, createClusterSystem } from '../support/e2e/cluster-system.ts';
import { type Program, settled, until } from '../support/e2e/system.ts';

let system: ClusterSystem;
let worker: Program;

const script = 'wget -q -O - {{greeter.svcEndpoint}}/hello && [ $WANT = yes ]';
const graph = `name: held-in-a-cluster
pipeline:
  greeter:
    plugin: ${plugin}
  check:
    plugin: bash
    input: {script: "${script}", env: {WANT: "no"}}
  after:
    plugin: bash
    input: {script: "echo after"}
`;

(noCluster ? describe.skip : describe)('the environment of a failed test in a cluster', () => {
  beforeAll(async () => {
    system = await createClusterSystem();
    await system.startServer();
    worker = await system.startWorker();
  });
  afterAll(() => system.close());

  test('survives a restart of the worker, is reused by a retry from the failed step, and leaves nothing', async () => {
    const { api, runtime } = system;
    const taskId = await runFlow(api, graph, { policy: { holdOnFailure: '1h' } });
    const held = await until(async () => {
      const task = await api.get<ApiTask>(`/tasks/${taskId}`).catch(() => undefined);
      return task?.state === 'held' && task;
    });
    const kinds = async () =>
      (await runtime.listObjects(held.testId)).map(({ kind, name }) => `${kind} ${name}`).sort();
    const before = await kinds();
    expect(before).toContain(`Pod test-runner-${held.testId}`);
    expect(before.filter((one) => one.startsWith('StatefulSet'))).toHaveLength(1);
    await worker.kill('SIGKILL');
    worker = await system.startWorker();
    expect(await kinds()).toEqual(before);

    const input = { script, env: { WANT: 'yes' } };
    await api.post(`/tasks/${taskId}/retry`, { from: 'failed', input }).catch((error: Fault) => {
      // For some seconds, Temporal still offers it to the dead worker, then to the live one.
      if (error.code !== 'unavailable') throw error;
    });
    const task = await settled(api, taskId);
    expect({ state: task.state, error: task.error }).toEqual({ state: 'success', error: undefined });
    expect(task.podName).toBe(`test-runner-${held.testId}-2`);
    expect(task.steps[0]).toEqual(held.steps[0]);
    const texts = async (filter: Record<string, string>) =>
      (await allLines(api, taskId, filter)).map(({ text }) => text);
    expect(await texts({ step: 'after' })).toEqual(['after']);
    expect(await texts({ step: 'greeter', attempt: '2' })).toEqual([]);
    // Requested once per attempt, and each line is stored once.
    expect((await texts({ source: 'greeter-0' })).filter((line) => line.includes('/hello'))).toHaveLength(2);
    expect(await runtime.listObjects(held.testId)).toEqual([]);
  });
});
