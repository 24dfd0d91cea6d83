import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ApiTask } from '../../src/programs/demo/api-task.ts';
import { crowdSize } from '../support/e2e/crowd-size.ts';
import { createSystem, succeeded, type TestSystem } from '../support/e2e/system.ts';

let system: TestSystem;
const crowd = crowdSize(100);

beforeAll(async () => {
  system = await createSystem();
  await system.startServer();
  await system.startInstantWorker();
});
afterAll(() => system.close());

test(`${crowd} cron jobs of the same minute start exactly one task each`, async () => {
  const graph = 'name: crowd\npipeline:\n  say:\n    plugin: bash\n    input: {script: "true"}\n';
  const flow = await system.api.post<{ id: string }>('/testflows', { name: 'crowd', graph });
  // Late enough that all jobs are saved before.
  const minute = new Date(Math.ceil(Date.now() / 60_000 + 1) * 60_000);
  const cronExpression = `${minute.getUTCMinutes()} ${minute.getUTCHours()} * * *`;
  const ids: string[] = [];
  for (let from = 0; from < crowd; from += 10) {
    const saved = Array.from({ length: 10 }, (_, index) => {
      const job = { name: `crowd-${from + index}`, testFlowId: flow.id, jobType: 'cron_job', cronExpression };
      return system.api.post<{ id: string }>('/jobs', job);
    });
    ids.push(...(await Promise.all(saved)).map(({ id }) => id));
  }
  expect(Date.now()).toBeLessThan(minute.getTime());
  await succeeded(system, crowd);
  const tasks = await system.api.all<ApiTask>('/tasks');
  expect(tasks.map(({ id }) => id).sort()).toEqual(ids.map((id) => `${id}-1`).sort());
  const nominal = new Set(tasks.map(({ trigger }) => trigger.type === 'schedule' && trigger.nominalAt));
  expect([...nominal]).toEqual([minute.toISOString()]);
});
