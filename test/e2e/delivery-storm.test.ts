import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { ApiTask } from '../../src/programs/demo/api-task.ts';
import { addComponent } from '../support/e2e/component.ts';
import { crowdSize } from '../support/e2e/crowd-size.ts';
import { deliverMerge } from '../support/e2e/hooks.ts';
import { createOwnTemporal, type OwnTemporal } from '../support/e2e/own-temporal.ts';
import { createSystem, type Program, succeeded, type TestSystem } from '../support/e2e/system.ts';

const secret = 'the secret of the storm';
const requests = crowdSize(800);
/** One in four requests repeats an earlier delivery; one in six deliveries is of the repository of the job. */
const unique = (requests * 3) / 4;
const matching = (n: number): boolean => n % 6 === 0;
const part = (share: number): number => Math.round(requests * share);
const atOnce = 20;

let temporal: OwnTemporal;
let system: TestSystem;
let server: string;
let worker: Program;

beforeAll(async () => {
  // Makes the entity continue as new many times meanwhile.
  temporal = await createOwnTemporal({ 'limit.historyCount.suggestContinueAsNew': 100 });
  await temporal.start();
  system = await createSystem({ GITHUB_WEBHOOK_SECRET: secret }, { temporalAddress: temporal.address });
  const repo = 'https://github.com/acme/greeter.git';
  await addComponent(system, { plugin: 'greeter', imageTarget: 'acme/greeter', dockerfile: 'FROM scratch', repo });
  const { output } = await system.startServer();
  server = output.map((line) => /API +(http\S+)/.exec(line)?.[1]).find(Boolean) ?? '';
  worker = await system.startInstantWorker();
});
afterAll(async () => {
  await system.close();
  await temporal.remove();
});

function deliver(n: number): Promise<number> {
  const repo = matching(n) ? 'acme/greeter' : 'acme/other';
  return deliverMerge(server, secret, { id: `delivery-${n}`, number: n, repo });
}

/** Posts a part of the deliveries, `atOnce` at a time. */
async function storm(from: number, to: number, statuses: Map<number, number>): Promise<void> {
  let next = from;
  const post = async (): Promise<void> => {
    while (next < to) {
      const request = next;
      next += 1;
      // Every fourth request repeats an earlier delivery.
      const sent = request - Math.ceil(request / 4);
      const status = await deliver(request % 4 === 0 ? Math.max(0, sent - 25) : sent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, post));
}

test(`${requests} deliveries, a quarter of them repeated, start one task per match while workers are killed and Temporal is unavailable`, async () => {
  const graph = 'name: storm\npipeline:\n  greeter:\n    plugin: greeter\n';
  const flow = await system.api.post<{ id: string }>('/testflows', { name: 'storm', graph });
  const job = await system.api.post<{ id: string }>('/jobs', {
    ...{ name: 'storm', testFlowId: flow.id, jobType: 'pr_merged_hook' },
    prMergedEventMatches: [
      { repo: 'https://github.com/Acme/Greeter.git', basePattern: '^main$', sourcePattern: '^topic-' },
    ],
  });
  const statuses = new Map<number, number>();
  await storm(0, part(0.3), statuses);
  await worker.kill('SIGKILL');
  await storm(part(0.3), part(0.5), statuses);
  worker = await system.startInstantWorker();
  await storm(part(0.5), part(0.6), statuses);
  await temporal.stop();
  await Promise.all([storm(part(0.6), part(0.85), statuses), setTimeout(10_000)]);
  await temporal.start();
  await worker.kill('SIGKILL');
  await storm(part(0.85), requests, statuses);
  worker = await system.startInstantWorker();
  expect([...statuses]).toEqual([[202, requests]]);

  const wanted = Array.from({ length: unique }, (_, n) => n).filter(matching);
  await succeeded(system, wanted.length);
  const tasks = await system.api.all<ApiTask>('/tasks');
  const started = tasks.flatMap(({ trigger }) => (trigger.type === 'pr_merged' ? trigger.deliveries : []));
  expect(started.sort()).toEqual(wanted.map((n) => `delivery-${n}`).sort());
  expect(tasks).toHaveLength(wanted.length);
  expect(await system.api.get(`/jobs/${job.id}`)).toMatchObject({ execCount: wanted.length });
  const entity = await new Client({ connection: system.temporal, namespace: system.namespace }).workflow
    .getHandle(`job/${job.id}`)
    .describe();
  expect(entity.historyLength).toBeLessThan(1000);
  expect(entity.raw.workflowExecutionInfo?.firstRunId).not.toBe(entity.runId);
  // Task numbers follow the order of receipt.
  const deliveries = await system.api.all<{ id: string; seq: number; state: string }>('/deliveries');
  expect(deliveries).toHaveLength(unique);
  expect(deliveries.every(({ state }) => state === 'dispatched')).toBe(true);
  const order = new Map(deliveries.map(({ id, seq }) => [id, seq]));
  const inOrder = [...tasks]
    .sort((a, b) => a.number - b.number)
    .map(({ trigger }) => {
      return trigger.type === 'pr_merged' ? (order.get(trigger.deliveries[0] ?? '') ?? 0) : 0;
    });
  expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
}, 600_000);
