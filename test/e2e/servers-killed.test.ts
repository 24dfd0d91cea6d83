import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ApiClient } from '../../src/programs/cli/api-client.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { addTestedRepository } from '../support/e2e/component.ts';
import { removeImages } from '../support/e2e/engine.ts';
import { deliverMerge } from '../support/e2e/hooks.ts';
import { settled, startProgram, until } from '../support/e2e/system.ts';
import { processesOf } from '../support/programs/embedded/holder.ts';

const secret = 'the secret of this test';
const graph = `name: survives
pipeline:
  count:
    plugin: bash
    input: {script: "i=0; while [ $i -lt 1500 ]; do i=$((i+1)); echo line $i; sleep 0.01; done"}
`;
const short = 'name: short\npipeline:\n  nothing:\n    plugin: nothing\n';

test('npm start whose Temporal and MongoDB are killed in the middle of a run loses and doubles nothing and takes every webhook', async () => {
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

    // As GitHub's users would: once more only where the answer says to come back.
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
      program.output.filter((line) => line.startsWith(name) && line.includes('started again')).length;
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
