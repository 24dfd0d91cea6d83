import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAwaitTask } from '../../../activities/await-task.ts';
import { createBisectWorkflows } from '../../../src/adapters/temporal/bisect-workflows.ts';
import type { StartRunInput } from '../../../src/model/activities.ts';
import type { Bisect, BisectInput } from '../../../src/model/bisect.ts';
import { Fault } from '../../../src/model/fault.ts';
import { queues } from '../../../src/model/queues.ts';
import { createHarness, type Harness, type Script } from '../../support/workflows/harness.ts';
import { until } from '../../support/workflows/until.ts';

let harness: Harness;
let number = 0;
beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.close());

const commits = Array.from({ length: 16 }, (_, index) => index.toString(16).repeat(40));
const at = (index: number): string => commits[index] ?? '';

/** Starts a bisect whose tasks are named after their commits; `end` returns the end of each. */
async function start(
  end: (index: number) => Awaited<ReturnType<NonNullable<Script['awaitTask']>>>,
  { script = {}, ...more }: Partial<BisectInput> & { script?: Script } = {},
) {
  const started: StartRunInput[] = [];
  const recorded: Bisect[] = [];
  harness.use({
    listCommits: async () => commits,
    startRun: async (request) => {
      started.push(request);
      return `job-${request.versions.greeter}`;
    },
    awaitTask: async ({ taskId }) => end(commits.indexOf(taskId.slice(4))),
    recordBisect: async ({ bisect }) => void recorded.push(bisect),
    ...script,
  });
  number += 1;
  const input: BisectInput = {
    id: `bisect-${number}`,
    jobId: 'job',
    good: 'job-1',
    bad: 'job-2',
    component: 'greeter',
    repo: 'https://git.invalid/greeter',
    goodCommit: 'f'.repeat(39),
    badCommit: at(15),
    tryGood: false,
    by: 'anna',
    requestedAt: '2026-11-24T10:00:00.000Z',
    ...more,
  };
  await createBisectWorkflows(harness.client).start(input);
  const handle = harness.client.workflow.getHandle(`bisect/${input.id}`);
  return { input, handle, started, recorded, ended: () => handle.result().catch(() => undefined) };
}

const bad = { state: 'error', outcome: 'test' } as const;
const good = { state: 'success' } as const;

describe('a bisect', () => {
  test('runs the lockfile of the bad task with the middle commit until the first bad commit is known', async () => {
    const { ended, started, recorded } = await start((index) => (index < 11 ? good : bad));
    await ended();
    expect(started.map(({ versions }) => commits.indexOf(versions.greeter ?? ''))).toEqual([7, 11, 9, 10]);
    expect(started[0]).toMatchObject({
      jobId: 'job',
      lockfileOf: 'job-2',
      by: expect.stringContaining('anna, bisect'),
    });
    expect(recorded.at(-1)).toMatchObject({
      state: 'success',
      commits: 16,
      first: { sha: at(11), author: 'a', subject: 's' },
    });
    expect(recorded.at(-1)?.runs.map(({ verdict }) => verdict)).toEqual(['good', 'bad', 'good', 'good']);
    expect(recorded.some(({ runs }) => runs.length === 2 && runs[1]?.verdict === undefined)).toBe(true);
  });

  test.each(['build', 'infrastructure', 'configuration', 'stopped'] as const)(
    'skips a commit whose task ends by %s, and tries a neighbour',
    async (outcome) => {
      const skip = { state: outcome === 'stopped' ? ('canceled' as const) : ('error' as const), outcome };
      const { ended, recorded } = await start((index) => (index === 7 ? skip : index < 11 ? good : bad));
      await ended();
      expect(recorded.at(-1)).toMatchObject({ state: 'success', first: { sha: at(11) } });
      expect(recorded.at(-1)?.runs[0]).toMatchObject({ verdict: 'skip', outcome });
    },
  );

  test('names the suspects when the first bad commit cannot be determined', async () => {
    const { ended, recorded } = await start((index) => {
      if (index >= 9 && index <= 12) return { state: 'error', outcome: 'build' };
      return index < 11 ? good : bad;
    });
    await ended();
    expect(recorded.at(-1)).toMatchObject({ state: 'success', suspects: [at(9), at(10), at(11), at(12), at(13)] });
    expect(recorded.at(-1)).not.toHaveProperty('first');
  });

  test('tries the good commit first when the tasks differ in more, and ends when it fails too', async () => {
    const goodCommit = at(0).replace('0', 'a');
    const script: Script = { awaitTask: async () => bad };
    const { ended, recorded, handle } = await start(() => bad, { tryGood: true, goodCommit, script });
    await ended();
    expect((await handle.describe()).status.name).toBe('FAILED');
    expect(recorded.at(-1)).toMatchObject({ state: 'error', runs: [{ commit: goodCommit, verdict: 'bad' }] });
    expect(recorded.at(-1)?.error?.message).toContain('the failure has another cause than the component');
  });

  test('ends with the error of git when the commits are not on one line', async () => {
    const script: Script = {
      listCommits: async () => {
        throw new Fault('input_invalid', 'commit a is not among the first parents of b');
      },
    };
    const { ended, recorded, started } = await start(() => good, { script });
    await ended();
    expect(recorded.at(-1)).toMatchObject({ state: 'error', error: { code: 'input_invalid' }, runs: [] });
    expect(started).toEqual([]);
  });

  /** Runs a task until it is stopped. */
  const waitingTask = (index: number) =>
    harness.client.workflow.start('task', {
      workflowId: `task/job-${at(index)}`,
      taskQueue: queues.control,
      args: [
        {
          jobId: 'job',
          number: index,
          trigger: { type: 'manual' },
          run: { versions: {}, globalProperties: {} },
          waitsFor: 'x',
        },
      ],
    });

  test('stops the task that it is starting when it is stopped', async () => {
    let letGo = (): void => undefined;
    const stopping = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let asked = false;
    const startRun: Script['startRun'] = async () => {
      asked = true;
      await stopping;
      return `job-${at(8)}`;
    };
    const task = await waitingTask(8);
    const { input, ended, recorded } = await start(() => good, { script: { startRun } });
    await until(() => asked);
    await createBisectWorkflows(harness.client).stop(input.id);
    letGo();
    await ended();
    expect(recorded.at(-1)).toMatchObject({ state: 'canceled', runs: [{ taskId: `job-${at(8)}` }] });
    await task.result().catch(() => undefined);
    expect((await task.describe()).status.name).toBe('CANCELLED');
  });

  test('stops the task that it waits for when it is stopped', async () => {
    const task = await waitingTask(7);
    const script: Script = { awaitTask: createAwaitTask({ tasks: { summary: async () => undefined } }) };
    const { input, ended, handle, recorded } = await start(() => good, { script });
    await until(() => recorded.some(({ runs }) => runs.length === 1));
    await createBisectWorkflows(harness.client).stop(input.id);
    await ended();
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(recorded.at(-1)).toMatchObject({ state: 'canceled', finishedAt: expect.any(String) });
    await task.result().catch(() => undefined);
    expect((await task.describe()).status.name).toBe('CANCELLED');
    await expect(createBisectWorkflows(harness.client).stop(input.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(createBisectWorkflows(harness.client).stop('missing')).rejects.toMatchObject({ code: 'not_found' });
  });
});
