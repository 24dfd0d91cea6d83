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

describe('a mistake in a job is told with its place, and nothing is saved', () => {
  test.each([
    ['a cron job without its expression', { jobType: 'cron_job' }, 'cronExpression', /needs cronExpression/],
    ['four fields', { ...cron, cronExpression: '1 2 3 4' }, 'cronExpression', /4 fields instead of 5/],
    ['a minute that no hour has', { ...cron, cronExpression: '75 2 * * *' }, 'cronExpression', /75|range|minute/i],
    ['a macro that nobody knows', { ...cron, cronExpression: '@fortnightly' }, 'cronExpression', /@fortnightly/],
    ['a time zone inside', { ...cron, cronExpression: 'CRON_TZ=UTC 1 2 * * *' }, 'cronExpression', /time zone/],
    ['letters that mean nothing', { ...cron, cronExpression: '1 2 L * *' }, 'cronExpression', /L is not a valid day/],
    ['a time zone that does not exist', { ...cron, timezone: 'Mars/Olympus' }, 'timezone', /Mars/],
    ['an offset as time zone', { ...cron, timezone: '+02:00' }, 'timezone', /\+02:00/],
    ['a cron expression of a manual job', { cronExpression: '1 2 * * *' }, 'cronExpression', /manual has no cron/],
    ['a rule without rules', { ...merged, prMergedEventMatches: [] }, 'prMergedEventMatches', /needs/],
    [
      'a repository that is none',
      { ...tagged, tagCreateEventMatches: [{ repo: 'greeter', tagPattern: 'v' }] },
      'tagCreateEventMatches[0].repo',
      /not a repository/,
    ],
    [
      'a pattern that is not closed',
      { ...merged, prMergedEventMatches: [{ repo: 'a/b', basePattern: '(', sourcePattern: '.*' }] },
      'prMergedEventMatches[0].basePattern',
      /regular expression/,
    ],
    [
      'a look-ahead, which RE2 does not have',
      { ...tagged, tagCreateEventMatches: [{ repo: 'a/b', tagPattern: 'v(?=1)' }] },
      'tagCreateEventMatches[0].tagPattern',
      /regular expression/,
    ],
    ['a test flow that does not exist', { testFlowId: 'nothing' }, 'testFlowId', /does not exist/],
  ])('%s', async (_what, more, path, message) => {
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

  test('is paused and resumed with who did it and why', async () => {
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

  test('that was paused in Temporal itself shows so at once, and stays paused when it is edited to another type', async () => {
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

  test('whose schedule somebody has deleted shows its trigger as missing', async () => {
    const { body } = await api.post('/jobs', job(cron));
    api.schedules.made.delete(body.id);
    expect((await api.get(`/jobs/${body.id}`)).body).toMatchObject({ trigger: 'missing', nextRuns: [] });
    expect(await api.get(`/jobs/${body.id}/next`)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });
});

describe('editing a job', () => {
  test('from cron to merged pull requests and back 50 times leaves one trigger, the right one', async () => {
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

  test('keeps its number and its history, and takes the name of no other job', async () => {
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

  test('of a job that waits for events can be paused; one that only runs by hand cannot', async () => {
    const waiting = (await api.post('/jobs', job(tagged))).body.id;
    await api.post(`/jobs/${waiting}/pause`);
    expect((await api.get(`/jobs/${waiting}`)).body).toMatchObject({ paused: true, pause: { by: 'local' } });
    const manual = (await api.post('/jobs', job())).body.id;
    expect((await api.post(`/jobs/${manual}/pause`)).status).toBe(409);
  });
});
