import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listLeftovers } from '../../src/programs/demo/leftovers.ts';
import { noCluster } from '../support/adapters/kubernetes/test-cluster.ts';
import { allLines } from '../support/e2e/client.ts';
import { type ClusterSystem, createClusterSystem } from '../support/e2e/cluster-system.ts';
import { crowdSize } from '../support/e2e/crowd-size.ts';
import { settled, until } from '../support/e2e/system.ts';

const many = crowdSize(20);
const lines = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`);
const printed = (name: string) => `i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo "${name} $i"; done`;

let system: ClusterSystem;
let address: string;

/** A component of two replicas that prints a line and serves, and a step that prints a line and requests it. */
const flow = () => `name: crowd
pipeline:
  web:
    plugin: deploy-service
    input:
      image: ${system.cluster.image}
      command: [/bin/sh, -c, 'mkdir -p /www; echo hello > /www/index.html; ${printed('line')}; exec busybox httpd -f -p 8080 -h /www']
      replicas: 2
      ports: [{port: 8080}]
      readiness: {timeoutSeconds: 240}
  check:
    plugin: bash
    input: {script: '${printed('line')}; wget -qO- {{web.svcEndpoint}}/index.html'}
`;

/** Requests a run until the response is not 503; the key makes that safe. The node starts sixty pods meanwhile. */
function runJob(jobId: string, key: string): Promise<string> {
  return until(async () => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const answer = await fetch(`${address}/api/v1/jobs/${jobId}/run`, { method: 'POST', headers, body: '{}' });
    if (answer.status === 503) return undefined;
    const body = (await answer.json()) as { taskId: string };
    expect([answer.status, body]).toEqual([202, expect.objectContaining({ taskId: expect.any(String) })]);
    return body.taskId;
  });
}

(noCluster ? describe.skip : describe)(`${many} concurrent tasks in a cluster`, () => {
  beforeAll(async () => {
    system = await createClusterSystem();
    const { output } = await system.startServer();
    address = output.map((line) => /API +(http\S+)/.exec(line)?.[1]).find(Boolean) ?? '';
    await system.startWorker();
  });
  afterAll(() => system.close());

  test('finish with complete logs and without leftovers, each with a component of two replicas', async () => {
    const taskIds: string[] = [];
    const saved = await system.api.post<{ id: string }>('/testflows', { name: 'crowd', graph: flow() });
    const job = await system.api.post<{ id: string }>('/jobs', { name: 'crowd', testFlowId: saved.id });
    for (let count = 0; count < many; count += 1) taskIds.push(await runJob(job.id, `run-${count}`));
    const tasks = await Promise.all(taskIds.map((taskId) => settled(system.api, taskId)));
    expect(new Set(taskIds).size).toBe(many);
    expect(tasks.map(({ state, error }) => ({ state, error }))).toEqual(
      taskIds.map(() => ({ state: 'success', error: undefined })),
    );
    for (const taskId of taskIds) {
      const all = await allLines(system.api, taskId);
      for (const source of ['web-0', 'web-1']) {
        expect(all.filter((line) => line.source === source).map(({ text }) => text)).toEqual(lines);
      }
      const check = all.filter((line) => line.step === 'check').map(({ text }) => text);
      expect(check).toEqual([...lines, 'hello']);
    }
    const testIds = tasks.map(({ testId }) => testId);
    expect(await listLeftovers(system.runtime, testIds)).toEqual([]);
  }, 600_000);
});
