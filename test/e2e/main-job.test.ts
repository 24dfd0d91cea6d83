import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listLeftovers } from '../../src/programs/demo/leftovers.ts';
import { smokeFlow, soakFlow } from '../../src/programs/demo/runs.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { engine } from '../support/e2e/engine.ts';
import { createSystem, settled, type TestSystem, until } from '../support/e2e/system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await createSystem();
  await system.startServer();
  await system.startWorker();
});
afterAll(() => system.close());

async function history(taskId: string): Promise<{ events: number; bytes: number; status: number }> {
  const { workflowExecutionInfo: info } = await system.temporal.workflowService.describeWorkflowExecution({
    namespace: system.namespace,
    execution: { workflowId: `task/${taskId}` },
  });
  return {
    events: Number(info?.historyLength),
    bytes: Number(info?.historySizeBytes),
    status: Number(info?.status),
  };
}

// WorkflowExecutionStatus of temporal/api/enums/v1/workflow.proto
const [completed, canceled] = [2, 4];

describe('the main job', () => {
  test('runs a git repository to a finished test, and its history in Temporal stays small', async () => {
    const taskId = await runFlow(system.api, smokeFlow);
    const task = await settled(system.api, taskId);
    expect({ state: task.state, error: task.error }).toEqual({ state: 'success', error: undefined });
    expect(task.steps.map(({ instance, state }) => `${instance} ${state}`)).toEqual([
      'greeter success',
      'check success',
    ]);
    expect(task.commits['greeter-deploy']).toMatch(/^[0-9a-f]{40}$/);
    const { events, bytes, status } = await until(async () => {
      const found = await history(taskId);
      return found.status === completed && found;
    });
    expect(status).toBe(completed);
    expect(events).toBeLessThan(120);
    expect(bytes).toBeLessThan(200_000);
    expect(await listLeftovers(engine, [task.testId])).toEqual([]);
    const sources = new Set((await allLines(system.api, taskId)).map((line) => line.source));
    expect([...sources].sort()).toEqual(['build:greeter-deploy', 'greeter-0', 'runner']);
  });

  test('cleans up and is recorded as canceled when it is canceled in Temporal halfway', async () => {
    const taskId = await runFlow(system.api, soakFlow);
    const running = await until(async () => {
      const task = await system.api
        .get<{ testId: string; steps: { state: string }[] }>(`/tasks/${taskId}`)
        .catch(() => undefined);
      return task?.steps[1]?.state === 'running' && task;
    });
    await system.temporal.workflowService.requestCancelWorkflowExecution({
      namespace: system.namespace,
      workflowExecution: { workflowId: `task/${taskId}` },
    });
    const task = await settled(system.api, taskId);
    expect({ state: task.state, outcome: task.outcome }).toEqual({ state: 'canceled', outcome: 'stopped' });
    expect(task.steps.map(({ instance, state }) => `${instance} ${state}`)).toEqual([
      'greeter success',
      'soak canceled',
    ]);
    expect(await listLeftovers(engine, [running.testId])).toEqual([]);
    await until(async () => (await history(taskId)).status === canceled);
  });

  test('ends as a timeout with its log and no leftovers when it exceeds its limit', async () => {
    const graph = 'name: endless\npipeline:\n  wait:\n    plugin: bash\n    input: {script: "echo begun; sleep 600"}\n';
    const taskId = await runFlow(system.api, graph, { policy: { timeoutSeconds: 3 } });
    const task = await settled(system.api, taskId);
    expect({ state: task.state, outcome: task.outcome, code: task.error?.code }).toEqual({
      state: 'error',
      outcome: 'timeout',
      code: 'run_timeout',
    });
    expect((await allLines(system.api, taskId, { step: 'wait' })).map((line) => line.text)).toContain('begun');
    expect(await listLeftovers(engine, [task.testId])).toEqual([]);
  });

  test('accepts a manual run without a worker, shows it at once, and runs it when a worker starts', async () => {
    const lonely = await createSystem();
    try {
      await lonely.startServer();
      const graph = 'name: lonely\npipeline:\n  say:\n    plugin: bash\n    input: {script: "echo hello"}\n';
      const taskId = await runFlow(lonely.api, graph);
      expect(await lonely.api.get(`/tasks/${taskId}`)).toMatchObject({ id: taskId, state: 'init' });
      await lonely.startWorker();
      expect((await settled(lonely.api, taskId)).state).toBe('success');
      expect((await lonely.api.get<{ items: unknown[] }>('/tasks')).items).toHaveLength(1);
    } finally {
      await lonely.close();
    }
  });
});
