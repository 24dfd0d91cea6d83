import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Fault } from '../../../src/model/fault.ts';
import { mongoUnavailable } from '../../../src/model/mongo-timeout.ts';
import { requireFound } from '../../../src/model/require-found.ts';
import { graph, openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let testFlowId: string;
let count = 0;
/** Writes of jobs that fail as if MongoDB were unavailable. */
const failing = new Set<string>();

beforeAll(async () => {
  api = await openApi({
    wrap: (store) => ({
      ...store,
      jobs: new Proxy(store.jobs, {
        get: (jobs, name) =>
          failing.has(String(name))
            ? () => Promise.reject(mongoUnavailable('connection closed'))
            : Reflect.get(jobs, name),
      }),
    }),
  });
  testFlowId = (await api.post('/testflows', { name: 'for-saving', graph })).body.id;
});
afterAll(() => api.close());
afterEach(() => {
  failing.clear();
  api.schedules.refusal = undefined;
});

const cron = (more: Record<string, unknown> = {}) => {
  count += 1;
  return { name: `saved-${count}`, testFlowId, jobType: 'cron_job', cronExpression: '0 3 * * *', ...more };
};
const put = (id: string, body: unknown) =>
  api.send(`/api/v1/jobs/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const unavailable = () => new Fault('unavailable', 'Temporal does not answer');
const refusal = () => {
  const where = { path: 'timezone' };
  return new Fault('input_invalid', 'Temporal rejects the schedule: unknown time zone', { where });
};

describe('the time zone of a job', () => {
  test.each([
    ['utc', 'UTC'],
    ['EUROPE/BERLIN', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['us/pacific', 'US/Pacific'],
    ['asia/calcutta', 'Asia/Calcutta'],
  ])('%s is saved as %s with a schedule', async (timezone, canonical) => {
    const { status, body } = await api.post('/jobs', cron({ timezone }));
    expect({ status, timezone: body.timezone }).toEqual({ status: 201, timezone: canonical });
    expect(api.schedules.made.get(body.id)?.job.timezone).toBe(canonical);
  });

  test.each(['PST', 'BST', 'AGT', '+02:00', 'Mars/Olympus'])(
    '%s is rejected, and nothing is saved',
    async (timezone) => {
      const job = cron({ timezone });
      for (let n = 0; n < 2; n += 1) {
        const { status, body } = await api.post('/jobs', job);
        expect({ status, errors: body.errors }).toMatchObject({ status: 422, errors: [{ path: 'timezone' }] });
      }
    },
  );
});

describe('a cron expression', () => {
  test.each([
    ['0 5 * * MON-SUN', 7, [0, 1, 2, 3, 4, 5, 6]],
    ['0 0 * * fri-sun', 3, [0, 5, 6]],
    ['0 0 * * sat-sun', 2, [0, 6]],
    ['30 2 * * Sat-Sun', 2, [0, 6]],
    ['0 0 * * thu-sun/2', 2, [4, 6]],
    ['0 0 * * 5-sun', 3, [0, 5, 6]],
  ])('%s runs on %i days of the week', async (cronExpression, n, days) => {
    const { status, body } = await api.post('/jobs', cron({ cronExpression }));
    expect(status).toBe(201);
    const { items } = (await api.get(`/jobs/${body.id}/next?n=${n}`)).body;
    expect(items.map((at: string) => new Date(at).getUTCDay()).sort()).toEqual(days);
  });

  test.each([
    ['0 0 30 2 *', [/this date never occurs: no month of 2 has a day 30/]],
    ['0 0 31 4 *', [/never occurs/]],
    ['0 0 31 2,4,6 *', [/no month of 2,4,6 has a day 31/]],
    ['0 0 30-31 feb *', [/never occurs/]],
    ['0 0 */31 2 *', []],
    ['0 0 31 2 1', []],
    ['0 0 29 2 *', []],
    ['0 0 32 13 *', [/^32 is not a valid day of month$/, /^13 is not a valid month$/]],
    ['0 0 0 * *', [/^0 is not a valid day of month$/]],
    ['60 24 * * 8', [/^60 is not a valid minute$/, /^24 is not a valid hour$/, /^8 is not a valid day of week$/]],
    ['*/0 * * * *', [/^0 is not a valid step in minute \*\/0$/]],
    ['0 0 * * fri-mon', [/^the range fri-mon of day of week ends before it begins$/]],
    ['0 0 * * mon-tue-wed', [/^mon-tue-wed is not a valid day of week$/]],
    ['1,,2 0 * * *', [/^1,,2 is not a valid minute$/]],
    ['0 0 * mon *', [/^mon is not a valid month$/]],
  ])('%s is saved, or rejected with the invalid field', async (cronExpression, messages) => {
    const { status, body } = await api.post('/jobs', cron({ cronExpression }));
    expect(status).toBe(messages.length > 0 ? 422 : 201);
    const errors = (body.errors ?? []) as { message: string; path: string }[];
    expect(errors.map(({ message }) => message)).toEqual(messages.map((one) => expect.stringMatching(one)));
    expect(errors.every(({ path }) => path === 'cronExpression')).toBe(true);
  });

  test('is rejected with the days to write if its range crosses the end of the week', async () => {
    const { body } = await api.post('/jobs', cron({ cronExpression: '0 0 * * fri-mon' }));
    expect(body.errors[0].hint).toBe('write fri,sat,sun,mon');
  });
});

describe('a failed creation of a job leaves nothing', () => {
  test.each([
    ['when Temporal rejects the schedule', refusal, 422],
    ['when Temporal is unavailable', unavailable, 503],
  ])('a failed creation leaves nothing %s', async (_when, fault, status) => {
    const job = cron();
    api.schedules.refusal = fault();
    expect((await api.post('/jobs', job)).status).toBe(status);
    api.schedules.refusal = undefined;
    expect((await api.get('/jobs')).body.items.map(({ name }: { name: string }) => name)).not.toContain(job.name);
    expect([...api.schedules.made.values()].filter((made) => made.job.name === job.name)).toEqual([]);
    expect((await api.post('/jobs', job)).status).toBe(201);
  });

  test('a failed creation leaves nothing when MongoDB fails after the schedule was created', async () => {
    const job = cron();
    failing.add('insert');
    expect((await api.post('/jobs', job)).status).toBe(503);
    failing.clear();
    expect([...api.schedules.made.values()].filter((made) => made.job.name === job.name)).toEqual([]);
    expect((await api.post('/jobs', job)).status).toBe(201);
  });

  test('a failed creation leaves nothing when another job has the name', async () => {
    const job = cron();
    const { id } = (await api.post('/jobs', job)).body;
    expect((await api.post('/jobs', job)).status).toBe(409);
    const made = [...api.schedules.made.entries()].filter(([, one]) => one.job.name === job.name);
    expect(made.map(([jobId]) => jobId)).toEqual([id]);
  });
});

describe('a failed edit changes neither record nor schedule', () => {
  const other = { cronExpression: '0 5 * * MON-SUN', timezone: 'europe/berlin' };
  const tagged = { jobType: 'tag_created_hook', tagCreateEventMatches: [{ repo: 'acme/greeter', tagPattern: '^v' }] };

  /** Returns the record and the schedule of a job. */
  const shown = async (id: string) => {
    const { cronExpression, timezone, jobType, nextRuns, trigger } = (await api.get(`/jobs/${id}`)).body;
    const made = api.schedules.made.get(id);
    return {
      cronExpression,
      timezone,
      jobType,
      nextRuns,
      trigger,
      made: made?.job.cronExpression,
      paused: made?.paused,
    };
  };

  test.each([
    ['when Temporal rejects the expression', 'ensure', refusal, 422],
    ['when Temporal is unavailable', 'ensure', unavailable, 503],
    ['when MongoDB fails', 'replace', undefined, 503],
  ])('an edit of the cron expression changes nothing %s', async (_what, name, fault, status) => {
    const job = cron();
    const { id } = (await api.post('/jobs', job)).body;
    const before = await shown(id);
    if (fault) api.schedules.refusal = fault();
    else failing.add(name);
    const refused = await put(id, { ...job, ...other });
    failing.clear();
    api.schedules.refusal = undefined;
    expect(refused.status).toBe(status);
    expect(await shown(id)).toEqual(before);
    expect((await put(id, { ...job, ...other })).status).toBe(200);
    expect(await shown(id)).toMatchObject({ ...other, timezone: 'Europe/Berlin', made: other.cronExpression });
  });

  test('a failed edit from a cron job to a tag job restores the schedule, still paused', async () => {
    const job = cron();
    const { id } = (await api.post('/jobs', job)).body;
    await api.post(`/jobs/${id}/pause`);
    const before = await shown(id);
    expect(before.paused).toBe(true);
    failing.add('replace');
    expect((await put(id, { name: job.name, testFlowId, ...tagged })).status).toBe(503);
    failing.clear();
    expect(await shown(id)).toEqual(before);
  });

  test('a failed edit from a tag job to a cron job creates no schedule', async () => {
    const { name } = cron();
    const { id } = (await api.post('/jobs', { name, testFlowId, ...tagged })).body;
    failing.add('replace');
    expect((await put(id, { ...cron(), name })).status).toBe(503);
    failing.clear();
    expect(await shown(id)).toMatchObject({ jobType: 'tag_created_hook', trigger: 'webhook' });
    expect(api.schedules.made.has(id)).toBe(false);
  });
});

describe('a pause', () => {
  const paused = async (id: string) => [(await api.get(`/jobs/${id}`)).body.paused, api.schedules.made.get(id)?.paused];

  test.each(['pause', 'resume'] as const)('changes nothing when it fails (%s)', async (verb) => {
    const { id } = (await api.post('/jobs', cron())).body;
    if (verb === 'resume') await api.post(`/jobs/${id}/pause`);
    const before = verb === 'resume';
    failing.add('setPause');
    expect((await api.post(`/jobs/${id}/${verb}`)).status).toBe(503);
    expect(await paused(id)).toEqual([before, before]);
    failing.clear();
    expect((await api.post(`/jobs/${id}/${verb}`)).status).toBe(200);
    expect(await paused(id)).toEqual([!before, !before]);
  });

  test('is not saved when Temporal is unavailable', async () => {
    const { id } = (await api.post('/jobs', cron())).body;
    const pause = api.schedules.pause;
    api.schedules.pause = () => Promise.reject(unavailable());
    expect((await api.post(`/jobs/${id}/pause`)).status).toBe(503);
    api.schedules.pause = pause;
    expect(await api.store.jobs.get(id)).not.toHaveProperty('pause');
  });

  test('creates a missing schedule paused, and a resume creates it running', async () => {
    const { id } = (await api.post('/jobs', cron())).body;
    api.schedules.made.delete(id);
    expect((await api.post(`/jobs/${id}/pause`)).status).toBe(200);
    expect(await paused(id)).toEqual([true, true]);
    api.schedules.made.delete(id);
    expect((await api.post(`/jobs/${id}/resume`)).status).toBe(200);
    expect((await api.get(`/jobs/${id}`)).body).toMatchObject({ trigger: 'missing', paused: false });
  });
});

test('a job that is deleted while Temporal is unavailable disappears at once, and the janitor completes the deletion', async () => {
  const { id } = (await api.post('/jobs', cron())).body;
  api.orchestrator.down = true;
  expect((await api.send(`/api/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
  api.orchestrator.down = false;
  expect((await api.get(`/jobs/${id}`)).status).toBe(404);
  expect(await api.store.jobs.deleting()).toContain(id);
});

describe('the response to saving an event job', () => {
  const merges = (repos: string[]) => ({
    ...{ name: `merges-${repos}`, testFlowId, jobType: 'pr_merged_hook' },
    prMergedEventMatches: repos.map((repo) => ({ repo, basePattern: 'main', sourcePattern: '.' })),
  });
  const tags = (repos: string[]) => ({
    ...{ name: `tags-${repos}`, testFlowId, jobType: 'tag_created_hook' },
    tagCreateEventMatches: repos.map((repo) => ({ repo, tagPattern: '^v' })),
  });
  const warning = (path: string) => ({
    message: 'no event of Team/docs matches, as no component of test flow for-saving is built from it',
    path,
    hint: 'its components are built from team/greeter',
  });

  test.each([
    [merges, 'prMergedEventMatches[1].repo'],
    [tags, 'tagCreateEventMatches[1].repo'],
  ])('warns of each rule of %o whose repository builds no component', async (jobOf, path) => {
    const job = jobOf(['Team/Greeter', 'Team/docs']);
    const saved = await api.post('/jobs', job);
    expect(saved).toMatchObject({ status: 201, body: { warnings: [warning(path)] } });
    expect((await put(saved.body.id, job)).body.warnings).toEqual([warning(path)]);
    const repaired = await put(saved.body.id, { ...jobOf(['https://git.invalid/team/greeter.git']), name: job.name });
    expect(repaired).toMatchObject({ status: 200, body: { warnings: [] } });
    expect(await api.store.jobs.get(saved.body.id)).not.toHaveProperty('warnings');
  });

  test('warns when no step of the flow builds a component, and when the flow lacks a plugin', async () => {
    const graphOf = (plugin: string) =>
      `name: w\npipeline:\n  say:\n    plugin: ${plugin}\n    input: {script: "true"}\n`;
    const flow = (await api.post('/testflows', { name: 'without component', graph: graphOf('bash') })).body.id;
    const { warnings } = (await api.post('/jobs', { ...merges(['a/b']), testFlowId: flow })).body;
    expect(warnings).toMatchObject([{ hint: 'no step of the flow builds a component' }]);
    const before = requireFound(await api.store.flows.get(flow), 'the flow');
    await api.store.flows.replace(before, { ...before, graph: graphOf('gone'), revision: 2 });
    const broken = await api.post('/jobs', { ...merges(['a/c']), testFlowId: flow });
    expect(broken).toMatchObject({
      status: 201,
      body: {
        warnings: [
          { message: expect.stringContaining('is broken: step say: unknown plugin "gone"'), path: 'testFlowId' },
        ],
      },
    });
  });

  test('has no warnings for jobs without rules', async () => {
    expect((await api.post('/jobs', cron())).body.warnings).toEqual([]);
  });
});
