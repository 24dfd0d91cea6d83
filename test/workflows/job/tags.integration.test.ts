import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TaskInput, TaskPlan } from '../../../src/model/activities.ts';
import type { Versions } from '../../../src/model/job.ts';
import { queues } from '../../../src/model/queues.ts';
import type { TaskTrigger } from '../../../src/model/trigger.ts';
import { createHarness, type Harness, plan } from '../../support/workflows/harness.ts';

let harness: Harness;
const kept: Versions[] = [];
const resolved: string[] = [];

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.close());

async function run(jobId: string, trigger: TaskTrigger, components: TaskPlan['components']): Promise<void> {
  kept.length = 0;
  resolved.length = 0;
  harness.use({
    openTask: async () => ({ ...plan, components, versions: { other: 'main' } }),
    newestTag: async ({ pattern }) => `v9 of ${pattern}`,
    keepVersions: async ({ versions }) => void kept.push(versions),
    resolveCommit: async ({ version }) => {
      resolved.push(version);
      return 'c'.repeat(40);
    },
  });
  const requestedAt = new Date(0).toISOString();
  const none = { versions: {}, globalProperties: {} };
  const input: TaskInput = { jobId, testFlowId: 'flow', number: 1, trigger, requestedAt, run: none };
  const start = { workflowId: `task/${jobId}-1`, taskQueue: queues.control, args: [input] };
  await (await harness.client.workflow.start('task', start)).result();
}

const greeter = { plugin: 'greeter', repo: 'https://git.invalid/acme/greeter.git', version: 'main' };
const other = { plugin: 'other', repo: 'https://git.invalid/acme/other.git', version: 'main' };

test('a manual run of a tag job takes the newest tag, which is kept on the job and shown on the task', async () => {
  await run('by-hand', { type: 'manual' }, [{ ...greeter, tagPattern: '^v' }, other]);
  expect(resolved.sort()).toEqual(['main', 'v9 of ^v']);
  expect(kept).toEqual([{ greeter: 'v9 of ^v' }]);
  const shown = harness.projections.findLast(({ patch }) => patch.versions)?.patch.versions;
  expect(shown).toEqual({ other: 'main', greeter: 'v9 of ^v' });
});

test('a created tag is kept on the job only for the components of its repository', async () => {
  const changes = [{ repo: 'Acme/Greeter', version: 'v7', title: 'v7' }];
  const trigger: TaskTrigger = { type: 'tag_created', deliveries: ['d'], changes };
  await run('made', trigger, [{ ...greeter, version: 'v7' }, other]);
  expect(kept).toEqual([{ greeter: 'v7' }]);
});

test('a merge is not kept on the job', async () => {
  const changes = [{ repo: 'acme/greeter', version: 'sha-1', title: '#1' }];
  await run('merge', { type: 'pr_merged', deliveries: ['d'], changes }, [{ ...greeter, version: 'sha-1' }]);
  expect(kept).toEqual([]);
});
