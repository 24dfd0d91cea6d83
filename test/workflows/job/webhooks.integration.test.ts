import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { githubWebhooks } from '../../../src/adapters/github/webhook-reader.ts';
import { createOrchestrator } from '../../../src/adapters/temporal/orchestrator.ts';
import { createDispatcher, type Dispatcher } from '../../../src/services/deliveries/dispatcher.ts';
import { receive } from '../../../src/services/deliveries/receive.ts';
import { replay } from '../../../src/services/deliveries/replay.ts';
import { recordDecision } from '../../../src/services/jobs/record-decision.ts';
import { openTask } from '../../../src/services/tasks/open-task.ts';
import { type Example, example, merged, sign, taggedPush } from '../../support/adapters/github/examples.ts';
import { aMergeJob, aTagJob } from '../../support/services/deliveries/jobs.ts';
import { openSystem, type TestSystem } from '../../support/services/deliveries/system.ts';
import { createHarness, type Harness } from '../../support/workflows/harness.ts';
import { until } from '../../support/workflows/until.ts';

const repo = 'Codertocat/Hello-World';
const secret = 'a secret of this test';
const log = pino({ level: 'silent' });
let harness: Harness;
let system: TestSystem;
let dispatcher: Dispatcher;

beforeAll(async () => {
  system = await openSystem([aMergeJob('merges', [{ repo }]), aTagJob('tags', [{ repo }])]);
  const { store } = system;
  const [component] = await store.plugins.list();
  if (component) await store.plugins.replaceAll([{ ...component, repo: `https://github.com/${repo}` }]);
  harness = await createHarness();
  harness.use({
    openTask: (input) => openTask(store, input, { workflowId: `task/${input.jobId}-${input.number}`, runId: 'run' }),
    recordDecision: ({ jobId, trigger, ...result }) => recordDecision(store, jobId, trigger, result),
  });
  dispatcher = createDispatcher({ ...store, orchestrator: createOrchestrator(harness.client), log });
  dispatcher.start();
});
afterAll(async () => {
  await dispatcher.stop();
  await harness.close();
  await system.close();
});

function deliver(id: string, { name, payload }: Example) {
  const body = Buffer.from(JSON.stringify(payload));
  const headers = { id, event: name, signature: sign(body, secret), type: 'application/json' as const };
  return receive(
    { ...system.store, webhooks: githubWebhooks, dispatcher, secrets: [secret], log },
    headers,
    async (see) => {
      see(body);
      return body;
    },
  );
}

/** Returns the decision of a job about a delivery, once it is recorded. */
const decision = (id: string, jobName: string) =>
  until(async () => {
    const matches = (await system.store.deliveries.get(id))?.matches ?? [];
    return matches.find((match) => match.jobName === jobName && match.decision !== undefined);
  });
const tasks = async (jobId: string) => (await system.store.tasks.list({ jobId }, { limit: 50 })).items;

test('a merged pull request starts one task, which its delivery names; only a replay starts another one, not a duplicate', async () => {
  await deliver('m-1', merged());
  expect(await decision('m-1', 'merges')).toMatchObject({ decision: 'started', taskId: 'id-of-merges-1' });
  await deliver('m-1', merged());
  const [job] = await system.store.jobs.all(['pr_merged_hook']);
  const [task] = await tasks('id-of-merges');
  expect(task).toMatchObject({
    id: 'id-of-merges-1',
    trigger: { type: 'pr_merged', deliveries: ['m-1'], changes: [{ repo, title: expect.stringMatching(/^#2 /) }] },
    versions: { 'greeter-deploy': merged().payload.pull_request.merge_commit_sha },
  });
  if (job && task && 'deliveries' in task.trigger) {
    await createOrchestrator(harness.client).triggerJob(job, { trigger: task.trigger, key: 'delivery/m-1' });
  }
  // The webhooks of an organization and a repository and a relay report the same merge.
  await Promise.all(['m-2', 'm-3', 'm-4'].map((id) => deliver(id, merged())));
  for (const id of ['m-2', 'm-3', 'm-4']) {
    expect((await decision(id, 'merges')).decision).toBe(
      `started no task: the merge of ${repo.toLowerCase()}#2 is already known`,
    );
  }
  expect(await tasks('id-of-merges')).toHaveLength(1);
  const { id: replayed } = await replay({ ...system.store, webhooks: githubWebhooks, dispatcher }, 'm-1', 'anna');
  expect(await decision(replayed, 'merges')).toMatchObject({ decision: 'started', taskId: 'id-of-merges-2' });
  expect(await decision('m-1', 'merges')).toMatchObject({ decision: 'started', taskId: 'id-of-merges-1' });
  expect(await tasks('id-of-merges')).toHaveLength(2);
});

test('a tag that three events report starts one task, and a replay starts another', async () => {
  const tag = taggedPush().payload.ref.slice('refs/tags/'.length);
  const release = example('release', ({ action }) => action === 'published');
  release.payload.release.tag_name = tag;
  await deliver('t-1', example('create'));
  await deliver('t-2', taggedPush());
  await deliver('t-3', release);
  expect(await decision('t-1', 'tags')).toMatchObject({ decision: 'started', taskId: 'id-of-tags-1' });
  for (const id of ['t-2', 't-3']) {
    expect((await decision(id, 'tags')).decision).toBe(`started no task: the tag ${tag} is already known`);
  }
  const { id } = await replay({ ...system.store, webhooks: githubWebhooks, dispatcher }, 't-1', 'anna');
  expect(await decision(id, 'tags')).toMatchObject({ decision: 'started', taskId: 'id-of-tags-2' });
  expect((await tasks('id-of-tags')).map((task) => task.versions)).toEqual([
    { 'greeter-deploy': tag },
    { 'greeter-deploy': tag },
  ]);
});
