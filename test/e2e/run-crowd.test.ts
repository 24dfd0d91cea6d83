import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { createOrchestrator } from '../../src/adapters/temporal/orchestrator.ts';
import type { Job } from '../../src/model/job.ts';
import type { ApiTask } from '../../src/programs/demo/api-task.ts';
import { crowdSize } from '../support/e2e/crowd-size.ts';
import { createOwnTemporal, type OwnTemporal } from '../support/e2e/own-temporal.ts';
import { createSystem, settled, succeeded, type TestSystem, until } from '../support/e2e/system.ts';

let temporal: OwnTemporal;
let system: TestSystem;
let base: string;
let spinner: ChildProcess | undefined;

beforeAll(async () => {
  temporal = await createOwnTemporal();
  await temporal.start();
  system = await createSystem({}, { temporalAddress: temporal.address });
  const { output } = await system.startServer();
  base = output.map((line) => /API +(http\S+)/.exec(line)?.[1]).find(Boolean) ?? '';
});
afterAll(async () => {
  spinner?.kill('SIGKILL');
  await system.close();
  await temporal.remove();
});

interface Answer {
  status: number;
  retryAfter: string | null;
  taskId: string;
}

async function run(jobId: string, key?: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) };
  const response = await fetch(`${base}/api/v1/jobs/${jobId}/run`, { method: 'POST', headers, body: '{}' });
  const { taskId = '' } = (await response.json()) as { taskId?: string };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), taskId };
}

async function saveJob(name: string, policy?: object): Promise<string> {
  const graph = `name: ${name}\npipeline:\n  say:\n    plugin: bash\n    input: {script: "true"}\n`;
  const flow = await system.api.post<{ id: string }>('/testflows', { name, graph });
  return (await system.api.post<{ id: string }>('/jobs', { name, testFlowId: flow.id, ...(policy && { policy }) })).id;
}

/** Runs `count` operations, `atOnce` at a time. */
async function crowd<T>(count: number, atOnce: number, act: (n: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      done.push(await act(next));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return done;
}

const tasksOf = async (jobId: string): Promise<ApiTask[]> =>
  (await system.api.all<ApiTask>('/tasks')).filter((task) => task.jobId === jobId);

test('a run and a retry of a settled task are accepted without a worker, and start when a worker starts', async () => {
  const jobId = await saveJob('early');
  const { status, taskId } = await run(jobId);
  expect(status).toBe(202);
  expect(await system.api.get(`/tasks/${taskId}`)).toMatchObject({ state: 'init' });
  const worker = await system.startInstantWorker();
  expect((await settled(system.api, taskId)).state).toBe('success');
  await worker.kill('SIGKILL');
  const again = await system.api.post<{ attempt: number }>(`/tasks/${taskId}/retry`, { from: 'start' });
  expect(again.attempt).toBe(2);
  expect(await system.api.get(`/tasks/${taskId}`)).toMatchObject({ state: 'init', attempt: 2 });
  await system.startInstantWorker();
  const task = await settled(system.api, taskId);
  expect([task.state, task.attempt, task.attempts.map(({ attempt }) => attempt)]).toEqual(['success', 2, [1, 2]]);
});

const many = crowdSize(100);
test(`of ${many} runs posted 20 at a time on a busy core, every accepted run is visible at once and ends, and no rejected run starts`, async () => {
  const jobId = await saveJob('crowd');
  spinner = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  const answers = await crowd(many, 20, async () => {
    const answer = await run(jobId);
    if (answer.status !== 202) return answer;
    const seen = await system.api.get<{ id: string }>(`/tasks/${answer.taskId}`);
    expect(seen.id).toBe(answer.taskId);
    return answer;
  });
  spinner.kill('SIGKILL');
  expect(answers.filter(({ status }) => ![202, 429, 503].includes(status))).toEqual([]);
  expect(answers.filter(({ status, retryAfter }) => status !== 202 && retryAfter === null)).toEqual([]);
  const accepted = answers.filter(({ status }) => status === 202).map(({ taskId }) => taskId);
  expect(accepted.length).toBeGreaterThan(0);
  await succeeded(system, accepted.length, { jobId });
  expect((await tasksOf(jobId)).map(({ id }) => id).sort()).toEqual(accepted.sort());
}, 900_000);

test('a key sent 20 times at once creates one task, and manual runs never share a number with scheduled runs', async () => {
  const jobId = await saveJob('keys');
  const job = await system.api.get<Job>(`/jobs/${jobId}`);
  const orchestrator = createOrchestrator(new Client({ connection: system.temporal, namespace: system.namespace }));
  const fire = async (n: number): Promise<void> => {
    const nominalAt = new Date(n * 60_000).toISOString();
    await orchestrator.triggerJob(job, { trigger: { type: 'schedule', nominalAt }, key: `schedule/${nominalAt}` });
  };
  const accepted = (n: number) =>
    until(async () => {
      const answer = await run(jobId, `key-${n % 3}`);
      expect([202, 429, 503]).toContain(answer.status);
      return answer.status === 202 && answer;
    });
  const [answers] = await Promise.all([crowd(60, 20, accepted), crowd(20, 5, fire)]);
  const taskIds = new Set(answers.map(({ taskId }) => taskId));
  expect(taskIds.size).toBe(3);
  await succeeded(system, 23, { jobId });
  const tasks = await tasksOf(jobId);
  expect(tasks.map(({ trigger }) => trigger.type).sort()).toEqual([
    ...Array(3).fill('manual'),
    ...Array(20).fill('schedule'),
  ]);
  for (const { id, trigger } of tasks) expect([id, taskIds.has(id)]).toEqual([id, trigger.type === 'manual']);
});

test('under skip, every accepted one of concurrent runs ends in success, or is canceled with the name of the running task', async () => {
  const jobId = await saveJob('skip', { timeoutSeconds: 600, overlap: 'skip' });
  const answers = await crowd(40, 10, () => run(jobId));
  expect(answers.filter(({ status }) => status !== 202 && status !== 409)).toEqual([]);
  const accepted = answers.filter(({ status }) => status === 202).map(({ taskId }) => taskId);
  for (const taskId of accepted) {
    const task = await settled(system.api, taskId);
    if (task.state !== 'success')
      expect([task.state, task.error?.message]).toEqual(['canceled', expect.stringContaining('blocks this run')]);
  }
  expect((await tasksOf(jobId)).map(({ id }) => id).sort()).toEqual(accepted.sort());
});

test('a run gets 503 with Retry-After while Temporal is unavailable, and never starts once Temporal is back', async () => {
  const jobId = await saveJob('away');
  await temporal.stop();
  const refused = await crowd(4, 4, () => run(jobId));
  expect(refused.map(({ status, retryAfter }) => [status, retryAfter])).toEqual(Array(4).fill([503, '5']));
  expect(await tasksOf(jobId)).toEqual([]);
  await temporal.start();
  const { taskId } = await until(async () => {
    const answer = await run(jobId);
    return answer.status === 202 && answer;
  });
  await settled(system.api, taskId);
  expect((await tasksOf(jobId)).map(({ id }) => id)).toEqual([taskId]);
});
