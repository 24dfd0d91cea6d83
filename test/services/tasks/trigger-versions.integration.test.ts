import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskInput } from '../../../src/model/activities.ts';
import type { Job } from '../../../src/model/job.ts';
import type { TaskTrigger } from '../../../src/model/trigger.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aFlow, aJob } from '../../support/adapters/mongodb/records.ts';
import { openTask } from '../../support/services/tasks/open.ts';
import { greeter } from '../../support/services/tasks/plugins.ts';

let opened: TestStore;
let repo: string;
let count = 0;
beforeAll(async () => {
  opened = await openStore();
  const plugin = greeter('v1.0.0');
  repo = plugin.repo ?? '';
  await opened.store.plugins.replaceAll([plugin]);
  const graph = 'pipeline:\n  greeter:\n    plugin: greeter-deploy\n    input: {}\n';
  await opened.store.flows.insert(aFlow('flow', { graph }));
});
afterAll(() => opened.close());

/** Returns the greeter component of a task of the job, and the recorded version. */
async function taken(trigger: TaskTrigger, job: Partial<Job> = {}, versions: Record<string, string> = {}) {
  count += 1;
  const { store } = opened;
  await store.jobs.insert(aJob(`j${count}`, { testFlowId: 'flow', ...job }));
  const input: TaskInput = {
    ...{ jobId: `j${count}`, testFlowId: 'flow', number: 1, trigger, requestedAt: '2026-11-24T10:00:00.000Z' },
    run: { versions, globalProperties: {} },
  };
  const { components } = await openTask(store, input, { workflowId: 'task/x', runId: 'run' });
  const record = await store.tasks.get(`j${count}-1`);
  return { component: components[0], recorded: record?.versions['greeter-deploy'] };
}

const change = (version: string, of = repo) => ({ repo: of, version, title: version });
const merged = (...changes: ReturnType<typeof change>[]): TaskTrigger => ({
  ...{ type: 'pr_merged', deliveries: ['d'], changes },
});
const tagRules = { tagCreateEventMatches: [{ repo: 'another/team', tagPattern: 'x' }] };

describe('the version of a component', () => {
  test('the version of a component is the newest merge commit in its repository, whatever the job requests', async () => {
    const job = { versions: { 'greeter-deploy': 'main' } };
    expect(await taken(merged(change('sha-1'), change('sha-2')), job)).toMatchObject({
      component: { version: 'sha-2' },
      recorded: 'sha-2',
    });
  });

  test('the version of a component is that of the job for a merge in another repository', async () => {
    const job = { versions: { 'greeter-deploy': 'main' } };
    expect(await taken(merged(change('sha-1', 'another/team')), job)).toMatchObject({
      component: { version: 'main' },
    });
  });

  test('the version of a component is the created tag', async () => {
    const trigger: TaskTrigger = { type: 'tag_created', deliveries: ['d'], changes: [change('v7')] };
    expect(await taken(trigger)).toMatchObject({ component: { version: 'v7' }, recorded: 'v7' });
  });

  test('the version of a component is the newest matching tag when a tag job is run manually', async () => {
    const tagCreateEventMatches = [...tagRules.tagCreateEventMatches, { repo, tagPattern: '^v' }];
    const { component } = await taken({ type: 'manual' }, { tagCreateEventMatches });
    expect(component).toMatchObject({ tagPattern: '^v' });
  });

  test('the version of a component is that of a manual run, also for a tag job', async () => {
    const job = { tagCreateEventMatches: [{ repo, tagPattern: '^v' }] };
    const { component, recorded } = await taken({ type: 'manual' }, job, { 'greeter-deploy': 'v3' });
    expect(component).toEqual({ plugin: 'greeter-deploy', repo, version: 'v3' });
    expect(recorded).toBe('v3');
  });

  test('the version of a component is that of the job if no rule has its repository', async () => {
    const { component } = await taken({ type: 'manual' }, { ...tagRules, versions: { 'greeter-deploy': 'v1' } });
    expect(component).toEqual({ plugin: 'greeter-deploy', repo, version: 'v1' });
  });
});
