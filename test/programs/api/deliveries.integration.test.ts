import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { merged } from '../../support/adapters/github/examples.ts';
import { type HookApi, openHookApi } from '../../support/programs/api/hooks.ts';
import { aMergeJob, aTagJob } from '../../support/services/deliveries/jobs.ts';

const repo = 'Codertocat/Hello-World';
let api: HookApi;
beforeEach(async () => {
  api = await openHookApi([aMergeJob('merges', [{ repo }]), aTagJob('tags', [{ repo }])]);
  const [component] = await api.system.store.plugins.list();
  if (component) await api.system.store.plugins.replaceAll([{ ...component, repo: `https://github.com/${repo}` }]);
});
afterEach(() => api.close());

const get = (path: string) => api.send(`/api/v1${path}`);

test('a delivery lists its result for each event job, and the decision of each job', async () => {
  await api.deliver('d-1', merged());
  await api.system.allDone();
  await api.system.store.deliveries.decide('d-1', 'id-of-merges', { decision: 'started', taskId: 'id-of-merges-1' });
  const { status, body } = await get('/deliveries/d-1');
  expect(status).toBe(200);
  expect(body).toEqual({
    id: 'd-1',
    event: 'pull_request.closed',
    repo,
    summary: `${repo}: #2 was merged into master`,
    hook: {
      kind: 'pr_merged',
      repo,
      base: 'master',
      source: 'changes',
      number: 2,
      title: 'Update the README with new information.',
      sha: 'c4295bd74fb0f4fda03689c3df3f2803b658fd85',
      by: 'Codertocat',
    },
    seq: 1,
    state: 'dispatched',
    failures: 0,
    matches: [
      {
        jobId: 'id-of-merges',
        jobName: 'merges',
        matched: true,
        reason: 'rule 1: base branch "master" matches ., source branch "changes" matches .',
        decision: 'started',
        taskId: 'id-of-merges-1',
      },
      {
        jobId: 'id-of-tags',
        jobName: 'tags',
        matched: false,
        reason: 'the job is only started by tags, and this is a merged pull request',
      },
    ],
    receivedAt: expect.any(String),
    dispatchedAt: expect.any(String),
  });
  expect((await get('/deliveries/nothing')).body).toMatchObject({ status: 404, code: 'not_found' });
});

test('deliveries are listed page by page, newest first, and filtered by state, repository and time', async () => {
  for (const id of ['d-1', 'd-2', 'd-3']) {
    await api.deliver(id, merged());
    await api.system.allDone();
  }
  const other = merged((payload) => {
    payload.repository.full_name = 'owner/other';
  });
  await api.deliver('d-4', other);
  await api.system.allDone();
  const ids = async (query: string) => {
    const { body } = await get(`/deliveries${query}`);
    return body.items.map(({ id }: { id: string }) => id);
  };
  expect(await ids('')).toEqual(['d-4', 'd-3', 'd-2', 'd-1']);
  expect(await ids('?repo=codertocat/hello-world')).toEqual(['d-3', 'd-2', 'd-1']);
  expect(await ids('?state=received')).toEqual([]);
  const { body } = await get('/deliveries?limit=3');
  expect(await ids(`?limit=3&cursor=${body.nextCursor}`)).toEqual(['d-1']);
  expect(await ids(`?since=${encodeURIComponent(body.items[1].receivedAt)}`)).toEqual(['d-4', 'd-3']);
  for (const query of ['state=lost', 'since=yesterday', 'limit=0', 'job=x']) {
    expect((await get(`/deliveries?${query}`)).body).toMatchObject({ status: 400, code: 'invalid_request' });
  }
});

test('a replay is accepted as a new delivery of the requesting user, and starts the job again', async () => {
  await api.deliver('d-1', merged());
  await api.system.allDone();
  const answer = await api.post('/deliveries/d-1/replay');
  expect(answer).toMatchObject({ status: 202, body: { id: 'd-1~1', state: 'received' } });
  await api.system.allDone();
  expect(api.system.entities.calls).toMatchObject([
    { delivery: 'd-1', again: false },
    { delivery: 'd-1~1', again: true },
  ]);
  expect((await get('/deliveries/d-1~1')).body).toMatchObject({ replayOf: 'd-1', by: 'local', state: 'dispatched' });
  expect((await api.post('/deliveries/nothing/replay')).status).toBe(404);
});

test('a dry run of a replay returns the jobs it would start, and starts nothing', async () => {
  await api.deliver('d-1', merged());
  await api.system.allDone();
  await api.system.store.jobs.setPause('id-of-merges', { by: 'anna', at: new Date() });
  const answer = await api.post('/deliveries/d-1/replay?dryRun=true');
  expect(answer).toMatchObject({
    status: 200,
    body: {
      id: 'd-1',
      matches: [
        { jobName: 'merges', matched: false, reason: expect.stringContaining('paused by anna'), changes: [] },
        { jobName: 'tags', matched: false },
      ],
    },
  });
  expect(api.system.entities.calls).toHaveLength(1);
  expect((await get('/deliveries')).body.items).toHaveLength(1);
  expect((await api.post('/deliveries/d-1/replay?dryRun=perhaps')).status).toBe(400);
});

test('a dry run of a time range returns the jobs that its deliveries would start now', async () => {
  for (const id of ['d-1', 'd-2']) await api.deliver(id, merged());
  await api.system.allDone();
  const { status, body } = await api.post('/deliveries/dry-run', { since: '2020-01-01T00:00:00Z', limit: 1 });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    items: [
      { matches: [{ jobName: 'merges', changes: [{ repo, title: '#2 Update the README with new information.' }] }] },
    ],
    hasMore: true,
  });
  expect((await api.post('/deliveries/dry-run', { until: '2020-01-01T00:00:00Z' })).body).toEqual({
    items: [],
    hasMore: false,
  });
  expect((await api.post('/deliveries/dry-run')).body.items).toHaveLength(2);
  expect((await api.post('/deliveries/dry-run', { limit: 501 })).status).toBe(400);
  expect(api.system.entities.calls).toHaveLength(2);
});

test('the OpenAPI document contains the webhook without a token, and the deliveries', async () => {
  const { body } = await api.send('/openapi.json');
  const security = [{ webhookSignature: [] }];
  expect(body.paths['/webhooks/github'].post).toMatchObject({ security, responses: { 202: expect.anything() } });
  const paths = Object.keys(body.paths).filter((path) => path.includes('deliveries'));
  expect(paths.sort()).toEqual([
    '/api/v1/deliveries',
    '/api/v1/deliveries/dry-run',
    '/api/v1/deliveries/{id}',
    '/api/v1/deliveries/{id}/replay',
  ]);
});
