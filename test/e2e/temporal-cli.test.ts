import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { readConfig } from '../../src/programs/config.ts';
import type { ApiTask } from '../../src/programs/demo/api-task.ts';
import { listLeftovers } from '../../src/programs/demo/leftovers.ts';
import { cachedServerPaths } from '../../src/programs/embedded/cached.ts';
import { findOnPath } from '../../src/programs/embedded/find.ts';
import { hasMariadb, type Mariadb, openMariadb } from '../support/adapters/mysql/mariadb.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { engine } from '../support/e2e/engine.ts';
import { createSystem, type Program, settled, type TestSystem, until } from '../support/e2e/system.ts';
import { testServers } from '../support/jest/servers.ts';

let system: TestSystem;
let address: string;
let cli: string;
let worker: Program;
/** With a MySQL server, every test has a database, whatever ends the test. */
let mariadb: Mariadb | undefined;

beforeAll(async () => {
  mariadb = hasMariadb ? await openMariadb() : undefined;
  system = await createSystem(mariadb && { MYSQL_CONN_TEMPLATE: mariadb.connTemplate });
  address = (await testServers()).temporalAddress;
  cli = (await findOnPath('temporal')) ?? cachedServerPaths(readConfig(process.env).BRIGHTBIRD_CACHE).temporal;
  await system.startServer();
  worker = await system.startWorker();
});
afterAll(async () => {
  await system.close();
  await mariadb?.close();
});

/** Runs Temporal's command line. Returns its JSON output. */
async function temporal(...args: string[]) {
  const all = [...args, '--address', address, '--namespace', system.namespace, '-o', 'json'];
  const { stdout } = await promisify(execFile)(cli, all);
  return stdout.trim() === '' ? undefined : JSON.parse(stdout);
}

const waiting = `name: waiting
pipeline:
  wait:
    plugin: bash
    input: {script: "echo begun; sleep 600"}
`;
const short = `name: short
pipeline:
  first:
    plugin: bash
    input: {script: "echo first"}
  second:
    plugin: bash
    input: {script: "sleep 4; echo second"}
`;

const task = (id: string) => system.api.get<ApiTask>(`/tasks/${id}`).catch(() => undefined);
const begun = (id: string) =>
  until(
    async () =>
      (await allLines(system.api, id).catch(() => [])).some(({ text }) => text === 'begun' || text === 'first') &&
      task(id),
  );
const databasesOf = async (testId: string) =>
  ((await mariadb?.databases()) ?? []).filter((name) => name.includes(testId));
const runners = (testId: string) =>
  new Docker().listContainers({ filters: { label: [`testid=${testId}`, 'apptype=testrunner'] } });

describe('Temporal’s command line', () => {
  test('lists runs by search attribute, describes them, and a cancel stops and cleans up', async () => {
    const id = await runFlow(system.api, waiting);
    const { jobId, testId } = await begun(id);
    const listed = await until(async () => {
      const query = `BrightBirdJob="${jobId}" AND BrightBirdState="running" AND BrightBirdTestId="${testId}"`;
      const found = await temporal('workflow', 'list', '--query', query);
      return found.length > 0 && found;
    });
    expect(listed.map((one: { execution: { workflowId: string } }) => one.execution.workflowId)).toEqual([
      `task/${id}`,
    ]);
    const described = await temporal('workflow', 'describe', '--workflow-id', `task/${id}`);
    const { indexedFields } = described.workflowExecutionInfo.searchAttributes;
    expect(JSON.parse(Buffer.from(indexedFields.BrightBirdTestId.data, 'base64').toString())).toBe(testId);
    expect(await databasesOf(testId)).toEqual(mariadb ? [`brightbird-${testId}`] : []);
    await temporal('workflow', 'cancel', '--workflow-id', `task/${id}`);
    expect(await settled(system.api, id)).toMatchObject({
      state: 'canceled',
      outcome: 'stopped',
      undeletedObjects: [],
    });
    expect(await listLeftovers(engine, [testId])).toEqual([]);
    expect(await databasesOf(testId)).toEqual([]);
  });

  test('terminates a run, whose record is settled, logs kept and objects removed by a sweep', async () => {
    const id = await runFlow(system.api, waiting);
    const { testId } = await begun(id);
    await temporal('workflow', 'terminate', '--workflow-id', `task/${id}`, '--reason', 'a test');
    const swept = await settled(system.api, id);
    expect(swept).toMatchObject({
      state: 'canceled',
      outcome: 'stopped',
      error: { message: 'its workflow was terminated in Temporal' },
      undeletedObjects: [],
    });
    expect(swept.steps).toMatchObject([{ instance: 'wait', state: 'canceled' }]);
    expect((await allLines(system.api, id)).map(({ text }) => text)).toContain('begun');
    expect(await listLeftovers(engine, [testId])).toEqual([]);
    expect(await databasesOf(testId)).toEqual([]);
  });

  test('resets a run, which is counted once and never has two live runners', async () => {
    const id = await runFlow(system.api, short);
    const { testId, jobId } = await begun(id);
    const before = await runners(testId);
    expect(before).toHaveLength(1);
    const first = await temporal('workflow', 'describe', '--workflow-id', `task/${id}`);
    const oldRun = first.workflowExecutionInfo.execution.runId;
    await temporal(
      ...['workflow', 'reset', '--workflow-id', `task/${id}`, '--run-id', oldRun],
      ...['--type', 'FirstWorkflowTask', '--reason', 'once more'],
    );
    let most = 0;
    const done = await until(async () => {
      most = Math.max(most, (await runners(testId)).length);
      const now = await task(id);
      return now?.state === 'success' && now.runId !== oldRun && now;
    });
    expect(most).toBe(1);
    expect(done.steps.map(({ state }) => state)).toEqual(['success', 'success']);
    expect(await system.api.get(`/jobs/${jobId}`)).toMatchObject({ execCount: 1 });
    expect(await listLeftovers(engine, [testId])).toEqual([]);
    expect(await databasesOf(testId)).toEqual([]);
  });

  (hasMariadb ? test : test.skip)(
    'keeps the database of a test whose worker is killed until a stop, without showing the password',
    async () => {
      const graph = waiting.replace('echo begun;', 'echo \\"$1\\"; echo begun;');
      const id = await runFlow(system.api, graph, { name: 'with-database' });
      const { testId } = await begun(id);
      const { password = '' } = mariadb ?? {};
      await worker.kill('SIGKILL');
      await mariadb?.query(`CREATE TABLE \`brightbird-${testId}\`.kept (id INT)`);
      const before = worker.output;
      worker = await system.startWorker();
      expect(await mariadb?.query(`SHOW TABLES FROM \`brightbird-${testId}\``)).toHaveLength(1);
      await temporal('workflow', 'cancel', '--workflow-id', `task/${id}`);
      expect(await settled(system.api, id)).toMatchObject({ state: 'canceled', undeletedObjects: [] });
      expect(await databasesOf(testId)).toEqual([]);
      const texts = (await allLines(system.api, id)).map(({ text }) => text);
      expect(texts.join('\n')).toContain(`"mysqlDSN":"***(127.0.0.1:`);
      const history = await temporal('workflow', 'show', '--workflow-id', `task/${id}`);
      const shown = [...texts, ...before, ...worker.output, JSON.stringify([history, await task(id)])].join('\n');
      expect(shown).not.toContain(password);
    },
  );

  test('pauses, unpauses and triggers a schedule, and the API shows it at once', async () => {
    const flow = await system.api.post<{ id: string }>('/testflows', { name: 'by-schedule', graph: short });
    const { id } = await system.api.post<{ id: string }>('/jobs', {
      ...{ name: 'by-schedule', testFlowId: flow.id, jobType: 'cron_job' },
      ...{ cronExpression: '0 3 1 1 *', timezone: 'Europe/Berlin' },
    });
    const schedule = ['--schedule-id', `cron/${id}`];
    await temporal('schedule', 'toggle', ...schedule, '--pause', '--reason', 'the lab moves');
    expect(await system.api.get(`/jobs/${id}`)).toMatchObject({ paused: true, pause: { note: 'the lab moves' } });
    await temporal('schedule', 'toggle', ...schedule, '--unpause', '--reason', 'it has moved');
    const { nextRuns } = await system.api.get<{ nextRuns: string[] }>(`/jobs/${id}`);
    const described = await temporal('schedule', 'describe', ...schedule);
    const next: string[] = described.info.futureActionTimes;
    expect(nextRuns.map((at) => Date.parse(at))).toEqual(next.slice(0, 3).map((at) => Date.parse(at)));
    await temporal('schedule', 'trigger', ...schedule);
    const done = await settled(system.api, `${id}-1`);
    expect(done).toMatchObject({ state: 'success', trigger: { type: 'schedule' } });
    await temporal('schedule', 'delete', ...schedule);
    expect(await system.api.get(`/jobs/${id}`)).toMatchObject({ trigger: 'missing' });
  });

  test('starts a task that waits for another by a signal', async () => {
    const policy = { timeoutSeconds: 600, overlap: 'buffer_all' };
    const first = await runFlow(system.api, waiting, { policy });
    const { jobId } = await begun(first);
    const second = await system.api.post<{ taskId: string }>(`/jobs/${jobId}/run`);
    const record = await until(async () => {
      const found = await task(second.taskId);
      return found?.reason === `waits until ${first} has ended` && found;
    });
    expect(record).toMatchObject({ state: 'init' });
    await temporal('workflow', 'signal', '--workflow-id', `task/${second.taskId}`, '--name', 'proceed');
    expect(await begun(second.taskId)).not.toHaveProperty('reason');
    await system.api.delete(`/jobs/${jobId}`);
    const gone = async (id: string) => (await task(id)) === undefined;
    await until(async () => (await gone(first)) && (await gone(second.taskId)));
  });
});
