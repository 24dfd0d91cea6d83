import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Job } from '../../../src/model/job.ts';
import { createHarness, type Harness } from '../../support/workflows/harness.ts';
import { createOrchestrator } from '../../support/workflows/update-run.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.close());

const job = (id: string, execCount = 0): Job => ({
  id,
  name: id,
  testFlowId: 'flow',
  jobType: 'manual',
  versions: {},
  globalProperties: {},
  policy: { timeoutSeconds: 600, overlap: 'allow_all', coalesce: false },
  events: [],
  description: '',
  execCount,
  createdAt: new Date(0),
  updatedAt: new Date(0),
});
const request = { trigger: { type: 'manual' }, run: { versions: {}, globalProperties: {} } } as const;

describe('a job with manual runs', () => {
  test('numbers its tasks one after the other under concurrent requests', async () => {
    const orchestrator = createOrchestrator(harness.client);
    const answers = await Promise.all(Array.from({ length: 5 }, () => orchestrator.runJob(job('many'), request)));
    expect(answers.map(({ taskId }) => taskId).sort()).toEqual(['many-1', 'many-2', 'many-3', 'many-4', 'many-5']);
  });

  test('answers a repeated request with the task of the first one', async () => {
    const orchestrator = createOrchestrator(harness.client);
    const first = await orchestrator.runJob(job('key'), { ...request, key: 'monday' });
    const again = await orchestrator.runJob(job('key'), { ...request, key: 'monday' });
    const other = await orchestrator.runJob(job('key'), { ...request, key: 'tuesday' });
    expect([first.taskId, again.taskId, other.taskId]).toEqual(['key-1', 'key-1', 'key-2']);
  });

  test('never numbers below the number on record, and skips numbers that Temporal knows', async () => {
    const orchestrator = createOrchestrator(harness.client);
    expect((await orchestrator.runJob(job('old', 41), request)).taskId).toBe('old-42');
    await harness.client.workflow.getHandle('job/old').terminate('it loses its history');
    expect((await orchestrator.runJob(job('old', 41), request)).taskId).toBe('old-43');
  });

  test('stops its tasks, waits for their end, removes the records and ends its entity when it is deleted', async () => {
    const orchestrator = createOrchestrator(harness.client);
    const left = [['gone-1'], ['gone-1'], []];
    harness.use({ stopTasks: async () => left.shift() ?? [] });
    await orchestrator.runJob(job('gone'), request);
    await orchestrator.deleteJob('gone');
    await harness.client.workflow.getHandle('job/gone').result();
    expect(harness.calls.filter((call) => call === 'stopTasks' || call === 'eraseJob')).toEqual([
      ...['stopTasks', 'stopTasks', 'stopTasks', 'eraseJob'],
    ]);
    await orchestrator.deleteJob('never-was');
    await harness.client.workflow.getHandle('job/never-was').result();
    harness.use({});
  });

  test('refuses to stop a task that has ended', async () => {
    const orchestrator = createOrchestrator(harness.client);
    const { taskId, workflowId } = await orchestrator.runJob(job('ended'), request);
    await harness.client.workflow.getHandle(workflowId).result();
    await expect(orchestrator.stopTask(taskId)).rejects.toMatchObject({ code: 'conflict' });
  });
});
