import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { ApiClient } from '../../src/programs/cli/api-client.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { addComponent, addTestedRepository } from '../support/e2e/component.ts';
import { removeImages } from '../support/e2e/engine.ts';
import { deliverMerge } from '../support/e2e/hooks.ts';
import { createSystem, settled, startProgram, succeeded, until } from '../support/e2e/system.ts';
import { testServers } from '../support/jest/servers.ts';
import { Way } from '../support/jest/way.ts';
import { processesOf } from '../support/programs/embedded/holder.ts';

const secret = 'the secret of this test';
const graph = `name: survives
pipeline:
  count:
    plugin: bash
    input: {script: "i=0; while [ $i -lt 1500 ]; do i=$((i+1)); echo line $i; sleep 0.01; done"}
`;
const short = 'name: short\npipeline:\n  nothing:\n    plugin: nothing\n';

test('npm start loses and repeats nothing and accepts every webhook when its Temporal and MongoDB are killed during a run', async () => {
  const home = await mkdtemp(join(tmpdir(), 'brightbird-killed-'));
  const env = {
    ...{ BRIGHTBIRD_HOME: home, GITHUB_WEBHOOK_SECRET: secret, PORT: '0', GIT_ALLOW_FILE_URLS: 'true' },
    ...(process.env.XDG_CACHE_HOME && { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }),
  };
  const image = await addTestedRepository(home, 'acme/greeter');
  const program = await startProgram('start', env, /BrightBird is ready/);
  try {
    const url = program.output.map((line) => /API +(http\S+)/.exec(line)?.[1]).find(Boolean) ?? '';
    const api = new ApiClient(url, undefined);
    const flow = await api.post<{ id: string }>('/testflows', { name: 'short', graph: short });
    const merged = await api.post<{ id: string }>('/jobs', {
      ...{ name: 'merged', testFlowId: flow.id, jobType: 'pr_merged_hook' },
      prMergedEventMatches: [{ repo: 'acme/greeter', basePattern: 'main', sourcePattern: '.' }],
    });
    const taskId = await runFlow(api, graph);
    const lines = () => allLines(api, taskId, { step: 'count' }).catch(() => []);

    // As GitHub's users would: redeliver only after a 503.
    const answers: number[] = [];
    let numberOfEvents = 0;
    const deliver = async (): Promise<void> => {
      numberOfEvents += 1;
      const event = { id: `event-${numberOfEvents}`, number: numberOfEvents, repo: 'acme/greeter', sha: null };
      let status = await deliverMerge(url, secret, event);
      for (; status === 503; status = await deliverMerge(url, secret, event));
      answers.push(status);
    };
    const startedAgain = (name: string) =>
      program.output.filter((line) => line.startsWith(name) && line.includes('restarted on')).length;
    let seen = 50;
    for (const [folder, name] of [
      ['temporal', 'temporal'],
      ['mongo', 'mongodb'],
      ['temporal', 'temporal'],
    ] as const) {
      await until(async () => (await lines()).length > seen);
      seen += 200;
      const before = startedAgain(name);
      for (const pid of await processesOf(join(home, folder))) process.kill(pid, 'SIGKILL');
      await Promise.all([deliver(), deliver(), deliver()]);
      await until(() => startedAgain(name) > before);
      await deliver();
    }

    const task = await settled(api, taskId);
    expect({ state: task.state, error: task.error, attempt: task.attempt }).toEqual({ state: 'success', attempt: 1 });
    expect((await lines()).map((line) => line.text)).toEqual(Array.from({ length: 1500 }, (_, at) => `line ${at + 1}`));
    expect(answers).toEqual(Array(numberOfEvents).fill(202));
    const tasks = await until(async () => {
      const { items } = await api.get<{ items: { state: string }[] }>(`/tasks?jobId=${merged.id}&limit=200`);
      return items.length >= numberOfEvents && items.every(({ state }) => state === 'success') && items;
    });
    expect(tasks).toHaveLength(numberOfEvents);
    expect(program.process.exitCode).toBeNull();
  } finally {
    await program.kill('SIGTERM');
    await removeImages(image);
    await rm(home, { recursive: true, force: true });
  }
});

test('a delivery and a run start one task each when the server is killed with SIGKILL between record and signal', async () => {
  const [host = '', port] = (await testServers()).temporalAddress.split(':');
  const way = await Way.to({ host, port: Number(port) });
  const system = await createSystem({
    TEMPORAL_ADDRESS: `127.0.0.1:${way.port}`,
    GITHUB_WEBHOOK_SECRET: secret,
  });
  const temporal = new Client({ connection: system.temporal, namespace: system.namespace });
  const mongo = system.mongo.db(system.namespace);
  try {
    const repo = 'https://github.com/acme/greeter.git';
    await addComponent(system, { plugin: 'greeter', imageTarget: 'acme/greeter', dockerfile: 'FROM scratch', repo });
    let server = await system.startServer();
    const addressOf = ({ output }: typeof server) => /API +(http\S+)/.exec(output.join('\n'))?.[1] ?? '';
    const graph = 'name: killed\npipeline:\n  greeter:\n    plugin: greeter\n';
    const flow = await system.api.post<{ id: string }>('/testflows', { name: 'killed', graph });
    const add = async (name: string, more: object) =>
      (await system.api.post<{ id: string }>('/jobs', { name, testFlowId: flow.id, ...more })).id;
    const merged = await add('merged', {
      jobType: 'pr_merged_hook',
      prMergedEventMatches: [{ repo: 'acme/greeter', basePattern: 'main', sourcePattern: '.' }],
    });
    const manual = await add('manual', { jobType: 'manual' });
    const run = (number: number) =>
      fetch(`${addressOf(server)}/api/v1/jobs/${manual}/run`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `run-${number}` },
        body: '{}',
      });
    const signals = async (jobId: string) => {
      const history = await temporal.workflow
        .getHandle(`job/${jobId}`)
        .fetchHistory()
        .catch(() => undefined);
      return history?.events?.filter((event) => event.workflowExecutionSignaledEventAttributes).length ?? 0;
    };

    for (const [at, held] of (['requests', 'answers'] as const).entries()) {
      const number = at + 1;
      way.hold(held);
      const event = { id: `event-${number}`, number, repo: 'acme/greeter' };
      expect(await deliverMerge(addressOf(server), secret, event)).toBe(202);
      const unanswered = run(number).catch(() => 'no answer');
      await until(async () => (await mongo.collection('tasks').countDocuments({ jobId: manual })) === number);
      // The server waits for the response, and does not know whether Temporal received the request.
      const got = held === 'answers' ? number : 0;
      await until(async () => (await signals(merged)) === got && (await signals(manual)) === got);
      await server.kill('SIGKILL');
      expect(await unanswered).toBe('no answer');
      expect(
        (await mongo.collection('deliveries').findOne({ hook: { $exists: true }, state: 'received' }))?.state,
      ).toBe('received');
      way.cut();
      server = await system.startServer();
      // As a client without a response does.
      expect((await run(number)).status).toBe(202);
      await until(
        async () => (await mongo.collection('deliveries').countDocuments({ state: 'dispatched' })) === number,
      );
    }

    await system.startInstantWorker();
    await succeeded(system, 4);
    for (const job of [merged, manual]) {
      const { items } = await system.api.get<{ items: { id: string; state: string }[] }>(`/tasks?jobId=${job}`);
      expect(items.map(({ id, state }) => `${id} ${state}`)).toEqual([`${job}-2 success`, `${job}-1 success`]);
    }
  } finally {
    await system.close();
    await way.down();
  }
});
