import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listLeftovers } from '../../src/programs/demo/leftovers.ts';
import { plugin, smokeFlow, soakFlow } from '../../src/programs/demo/runs.ts';
import { noCluster } from '../support/adapters/kubernetes/test-cluster.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { type ClusterSystem, createClusterSystem } from '../support/e2e/cluster-system.ts';
import { type Program, settled, until } from '../support/e2e/system.ts';

let system: ClusterSystem;
let worker: Program;

interface TaskView {
  testId: string;
  podName?: string;
  steps: { state: string }[];
}

const inStep = (taskId: string, index: number): Promise<TaskView> =>
  until(async () => {
    const task = await system.api.get<TaskView>(`/tasks/${taskId}`).catch(() => undefined);
    return task?.steps[index]?.state === 'running' && task;
  });

(noCluster ? describe.skip : describe)('the main job in a cluster', () => {
  beforeAll(async () => {
    system = await createClusterSystem();
    await system.startServer();
    worker = await system.startWorker();
  });
  afterAll(() => system.close());

  test('runs a git repository to a finished test, with the log of every container and no leftovers', async () => {
    const taskId = await runFlow(system.api, smokeFlow);
    const task = await settled(system.api, taskId);
    expect({ state: task.state, error: task.error }).toEqual({ state: 'success', error: undefined });
    const sources = new Set((await allLines(system.api, taskId)).map((line) => line.source));
    expect([...sources].sort()).toEqual([`build:${plugin}`, 'greeter-0', 'runner']);
    expect(await listLeftovers(system.runtime, [task.testId])).toEqual([]);
  });

  test('finds the image of its component in the registry the second time', async () => {
    const first = await settled(system.api, await runFlow(system.api, smokeFlow.replace('greeter-smoke', 'once-more')));
    expect(first.components.map(({ built }) => built)).toEqual([false]);
  });

  test('cleans up and is recorded as canceled when it is stopped halfway', async () => {
    const taskId = await runFlow(system.api, soakFlow);
    const { testId } = await inStep(taskId, 1);
    await system.api.post(`/tasks/${taskId}/stop`, { reason: 'a test stops it' });
    const task = await settled(system.api, taskId);
    expect({ state: task.state, outcome: task.outcome }).toEqual({ state: 'canceled', outcome: 'stopped' });
    expect(await listLeftovers(system.runtime, [testId])).toEqual([]);
  });

  const numbered = (name: string, more: string): string => `name: ${name}
pipeline:
  count:
    plugin: bash
    input:
      script: |
        ${more}
        i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo "line $i"; sleep 0.1; done
`;
  const expected = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`);
  const counted = async (taskId: string): Promise<string[]> =>
    (await allLines(system.api, taskId, { step: 'count' }))
      .map(({ text }) => text)
      .filter((text) => /^line/.test(text));

  test('continues with each line once when its worker is killed', async () => {
    const taskId = await runFlow(system.api, numbered('worker-killed', 'true'));
    await inStep(taskId, 0);
    await worker.kill('SIGKILL');
    worker = await system.startWorker();
    const task = await settled(system.api, taskId);
    expect(task.state).toBe('success');
    expect(await counted(taskId)).toEqual(expected);
  });

  test('repeats its step when its runner is killed and the cluster restarts it', async () => {
    const once = '[ -e /work/seen ] || { touch /work/seen; echo "line 0"; sleep 600; }';
    const taskId = await runFlow(system.api, numbered('runner-killed', once));
    const { testId } = await inStep(taskId, 0);
    await until(async () => (await counted(taskId)).length === 1);
    const runner = (await system.runtime.listObjects(testId)).find(({ kind }) => kind === 'Pod');
    await system.cluster.kill(runner?.uid ?? '');
    const task = await settled(system.api, taskId);
    expect(task.state).toBe('success');
    expect(await counted(taskId)).toEqual(['line 0', ...expected]);
  });

  test('is retried when its runner is deleted', async () => {
    const taskId = await runFlow(system.api, numbered('runner-deleted', 'true'));
    const { testId } = await inStep(taskId, 0);
    const runner = (await system.runtime.listObjects(testId)).find(({ kind }) => kind === 'Pod');
    await system.cluster.namespace.delete('Pod', runner?.name ?? '', runner?.uid ?? '', { graceSeconds: 0 });
    const task = await settled(system.api, taskId);
    expect({ state: task.state, attempt: task.attempt }).toEqual({ state: 'success', attempt: 2 });
    expect(await listLeftovers(system.runtime, [testId])).toEqual([]);
  });
});
