import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graph, openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let testFlowId: string;
let count = 0;

beforeAll(async () => {
  api = await openApi();
  testFlowId = (await api.post('/testflows', { name: 'for-jobs', graph })).body.id;
});
afterAll(() => api.close());

const job = (more: Record<string, unknown> = {}) => {
  count += 1;
  return { name: `job-${count}`, testFlowId, ...more };
};
const cron = { jobType: 'cron_job', cronExpression: '30 2 * * *', timezone: 'Europe/Berlin' };
const merged = {
  jobType: 'pr_merged_hook',
  prMergedEventMatches: [{ repo: 'acme/greeter', basePattern: '^main$', sourcePattern: '.*' }],
};
const tagged = { jobType: 'tag_created_hook', tagCreateEventMatches: [{ repo: 'acme/greeter', tagPattern: '^v' }] };
const put = (id: string, body: unknown) =>
  api.send(`/api/v1/jobs/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('an invalid job is rejected with the place of the issue', () => {
  test.each([
    ['a cron trigger but no expression', { jobType: 'cron_job' }, 'cronExpression', /needs cronExpression/],
    [
      'a cron expression of four fields',
      { ...cron, cronExpression: '1 2 3 4' },
      'cronExpression',
      /4 fields instead of 5/,
    ],
    ['an invalid minute', { ...cron, cronExpression: '75 2 * * *' }, 'cronExpression', /75|range|minute/i],
    ['an unknown cron macro', { ...cron, cronExpression: '@fortnightly' }, 'cronExpression', /@fortnightly/],
    [
      'a time zone in the cron expression',
      { ...cron, cronExpression: 'CRON_TZ=UTC 1 2 * * *' },
      'cronExpression',
      /time zone/,
    ],
    [
      'unknown letters in the cron expression',
      { ...cron, cronExpression: '1 2 L * *' },
      'cronExpression',
      /L is not a valid day/,
    ],
    ['an unknown time zone', { ...cron, timezone: 'Mars/Olympus' }, 'timezone', /Mars/],
    ['an offset as time zone', { ...cron, timezone: '+02:00' }, 'timezone', /\+02:00/],
    [
      'a cron expression but a manual trigger',
      { cronExpression: '1 2 * * *' },
      'cronExpression',
      /manual cannot have cron/,
    ],
    ['an empty list of rules', { ...merged, prMergedEventMatches: [] }, 'prMergedEventMatches', /needs/],
    [
      'an invalid repository in a rule',
      { ...tagged, tagCreateEventMatches: [{ repo: 'greeter', tagPattern: 'v' }] },
      'tagCreateEventMatches[0].repo',
      /not a repository/,
    ],
    [
      'an unclosed pattern in a rule',
      { ...merged, prMergedEventMatches: [{ repo: 'a/b', basePattern: '(', sourcePattern: '.*' }] },
      'prMergedEventMatches[0].basePattern',
      /regular expression/,
    ],
    [
      'a look-ahead, which RE2 does not support',
      { ...tagged, tagCreateEventMatches: [{ repo: 'a/b', tagPattern: 'v(?=1)' }] },
      'tagCreateEventMatches[0].tagPattern',
      /regular expression/,
    ],
    ['an unknown test flow', { testFlowId: 'nothing' }, 'testFlowId', /does not exist/],
  ])('a job with %s is rejected, and nothing is saved', async (_what, more, path, message) => {
    const before = (await api.get('/jobs')).body.items.length;
    const { status, body } = await api.post('/jobs', job(more));
    expect(status).toBe(422);
    expect(body.errors).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
    expect(body.errors.map((error: { message: string }) => error.message).join('\n')).toMatch(message);
    expect((await api.get('/jobs')).body.items).toHaveLength(before);
  });
});

describe('a cron job', () => {
  test('has a schedule, and shows its next runs', async () => {
    const { status, body } = await api.post('/jobs', job(cron));
    expect(status).toBe(201);
    expect(api.schedules.made.get(body.id)?.job.cronExpression).toBe('30 2 * * *');
    const { nextRuns, ...detail } = (await api.get(`/jobs/${body.id}`)).body;
    expect(detail).toMatchObject({ trigger: 'schedule', paused: false });
    expect(nextRuns).toHaveLength(3);
    for (const at of nextRuns) expect(at).toMatch(/T0[01]:30:00.000Z$/);
    expect((await api.get(`/jobs/${body.id}/next?n=1`)).body).toEqual({ items: nextRuns.slice(0, 1) });
  });

  test('is paused and resumed with user and reason', async () => {
    const { body } = await api.post('/jobs', job(cron));
    expect((await api.post(`/jobs/${body.id}/pause`, { note: 'the lab moves' })).status).toBe(200);
    expect(api.schedules.made.get(body.id)).toMatchObject({ paused: true, note: 'paused by local: the lab moves' });
    expect((await api.get(`/jobs/${body.id}`)).body).toMatchObject({
      paused: true,
      pause: { by: 'local', note: 'the lab moves' },
    });
    await api.post(`/jobs/${body.id}/resume`);
    expect((await api.get(`/jobs/${body.id}`)).body.paused).toBe(false);
  });

  test('shows a pause made in Temporal at once, and stays paused when its type is changed', async () => {
    const input = job(cron);
    const { body } = await api.post('/jobs', input);
    await api.schedules.pause(body.id, 'paused by the operator');
    expect((await api.get(`/jobs/${body.id}`)).body).toMatchObject({
      paused: true,
      pause: { note: 'paused by the operator' },
    });
    const listed = (await api.get('/jobs?limit=200')).body.items.find(({ id }: { id: string }) => id === body.id);
    expect(listed.pause).toEqual({ note: 'paused by the operator' });
    await put(body.id, { name: input.name, testFlowId, ...merged });
    expect((await api.get(`/jobs/${body.id}`)).body).toMatchObject({ trigger: 'webhook', paused: true });
  });

  test('shows its trigger as missing when its schedule was deleted in Temporal', async () => {
    const { body } = await api.post('/jobs', job(cron));
    api.schedules.made.delete(body.id);
    expect((await api.get(`/jobs/${body.id}`)).body).toMatchObject({ trigger: 'missing', nextRuns: [] });
    expect(await api.get(`/jobs/${body.id}/next`)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });
});

describe('editing a job', () => {
  test('leaves exactly one trigger after 50 changes between cron and merged pull requests', async () => {
    const input = job(cron);
    const { id } = (await api.post('/jobs', input)).body;
    for (let n = 0; n < 50; n += 1) {
      const type = n % 2 === 0 ? merged : { ...cron, cronExpression: `${n} 3 * * *` };
      expect((await put(id, { name: input.name, testFlowId, ...type })).status).toBe(200);
      expect(api.schedules.made.has(id)).toBe(n % 2 === 1);
    }
    const { body } = await api.get(`/jobs/${id}`);
    expect(body).toMatchObject({ jobType: 'cron_job', cronExpression: '49 3 * * *', trigger: 'schedule' });
    expect(body).not.toHaveProperty('prMergedEventMatches');
    expect(api.schedules.made.get(id)?.job.cronExpression).toBe('49 3 * * *');
  });

  test('keeps number and history, and rejects the name of another job', async () => {
    const one = (await api.post('/jobs', job())).body;
    const other = (await api.post('/jobs', job())).body;
    await api.post(`/jobs/${one.id}/run`);
    await api.store.jobs.countRun(one.id, 7);
    const edited = await put(one.id, { name: 'renamed', testFlowId, description: 'now with words' });
    expect(edited).toMatchObject({ status: 200, body: { name: 'renamed', execCount: 7, createdAt: one.createdAt } });
    expect(await put(one.id, { name: other.name, testFlowId })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    expect((await put('unknown', { name: 'x', testFlowId })).status).toBe(404);
  });

  test('can pause an event job, but not a manual job', async () => {
    const waiting = (await api.post('/jobs', job(tagged))).body.id;
    await api.post(`/jobs/${waiting}/pause`);
    expect((await api.get(`/jobs/${waiting}`)).body).toMatchObject({ paused: true, pause: { by: 'local' } });
    const manual = (await api.post('/jobs', job())).body.id;
    expect((await api.post(`/jobs/${manual}/pause`)).status).toBe(409);
  });
});
