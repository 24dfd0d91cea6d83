import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { pino } from 'pino';
import { createTestDatabases } from '../../../src/adapters/mysql/test-databases.ts';
import type { Runtime } from '../../../src/model/engine/runtime.ts';
import { mysqlFile } from '../../../src/model/mysql-template.ts';
import type { TestDatabases } from '../../../src/model/ports/test-databases.ts';
import type { RuntimeWait } from '../../../src/model/waiting.ts';
import { withDatabases } from '../../../src/services/runs/with-databases.ts';
import { removeLeftovers } from '../../../src/services/tasks/remove-leftovers.ts';
import { removeOrphans } from '../../../src/services/tasks/remove-orphans.ts';
import { describeMariadb, hasMariadb, type Mariadb, openMariadb } from '../../support/adapters/mysql/mariadb.ts';

let mariadb: Mariadb;
let databases: TestDatabases;
beforeAll(async () => {
  if (!hasMariadb) return;
  mariadb = await openMariadb();
  databases = createTestDatabases(mariadb.connTemplate);
});
afterAll(() => mariadb?.close());

const never = new AbortController().signal;
const nothing = async (): Promise<void> => undefined;
const testId = '0badcafe';
const run = { testId, taskId: 'job-1', runId: 'run-1', installation: 'ours' };
const make = (name: string) => mariadb.query(`CREATE DATABASE \`${name}\``);
const records = () => mariadb.query('SELECT test_id, run_id FROM brightbird.test_databases');

const imagePull: RuntimeWait = { reason: 'image_pull', message: 'the engine pulls image runner:1', source: 'runner' };

/** Returns a runtime without objects that records its calls; creating a runner waits for an image. */
function emptyRuntime(): Runtime & { calls: unknown[] } {
  const calls: unknown[] = [];
  const runtime: Partial<Runtime> = {
    kind: 'docker',
    createRunner: async (spec, _signal, onWaits) => {
      calls.push(spec);
      onWaits?.([imagePull]);
      return { name: 'runner', uid: '1' };
    },
    cleanup: async (scope) => {
      calls.push(scope);
      return [];
    },
    listAllObjects: async () => [],
  };
  return Object.assign(runtime as Runtime, { calls });
}

describeMariadb('test databases', () => {
  afterEach(async () => {
    await databases.drop({ testId }, never);
    for (const name of await mariadb.databases()) await mariadb.query(`DROP DATABASE \`${name}\``);
  });

  test('creates a database before the test and drops it afterwards', async () => {
    const access = await databases.prepare(run, nothing, never);
    expect(access).toEqual({
      connTemplate: mariadb.connTemplate,
      dsn: mariadb.connTemplate.replace('%s', 'brightbird-0badcafe'),
    });
    expect(await mariadb.databases()).toEqual(['brightbird', 'brightbird-0badcafe']);
    expect(await databases.drop({ testId, runId: 'run-1' }, never)).toEqual([]);
    expect(await mariadb.databases()).toEqual(['brightbird']);
    expect(await records()).toEqual([]);
  });

  test("drops only a test's database and those that its programs named after its test id", async () => {
    await databases.prepare(run, nothing, never);
    await databases.prepare({ ...run, testId: '1badcafe' }, nothing, never);
    const others = ['a0badcafe', 'orders', '00badcafe', 'x-0badcaf'];
    for (const name of ['sophon-auth-0badcafe1a1b2c3d4', '0badcafe_extra', ...others]) await make(name);
    expect(await databases.drop({ testId }, never)).toEqual([]);
    expect(await mariadb.databases()).toEqual([...others, 'brightbird', 'brightbird-1badcafe'].sort());
    await databases.drop({ testId: '1badcafe' }, never);
  });

  test.each(['', '%', '_', '0badcaf', 'brightbird', '.*'])(
    'drops nothing for the invalid test id "%s"',
    async (label) => {
      await databases.prepare(run, nothing, never);
      const before = [...(await mariadb.databases()), 'other-app'].sort();
      await make('other-app');
      expect(await databases.drop({ testId: label }, never)).toEqual([]);
      expect(await mariadb.databases()).toEqual(before);
    },
  );

  test('keeps databases for a later attempt of the same run, and drops them for another run', async () => {
    await databases.prepare(run, nothing, never);
    await make('sophon-auth-0badcafe1a1b2c3d4');
    await databases.prepare(run, () => Promise.reject(new Error('there are no others')), never);
    expect(await mariadb.databases()).toContain('sophon-auth-0badcafe1a1b2c3d4');

    const seen: string[][] = [];
    const removeOthers = async () => void seen.push(await mariadb.databases());
    await databases.prepare({ ...run, runId: 'run-2' }, removeOthers, never);
    expect(seen).toEqual([expect.arrayContaining(['sophon-auth-0badcafe1a1b2c3d4'])]);
    expect(await mariadb.databases()).toEqual(['brightbird', 'brightbird-0badcafe']);
    expect(await records()).toEqual([{ test_id: testId, run_id: 'run-2' }]);

    expect(await databases.drop({ testId, runId: 'run-1' }, never)).toEqual([]);
    expect(await mariadb.databases()).toContain('brightbird-0badcafe');
  });

  test('gives workers that prepare a run at once the same database, and other runs separate ones', async () => {
    const ids = Array.from({ length: 8 }, (_, n) => `${n % 4}badcafe`);
    const made = await Promise.all(ids.map((id) => databases.prepare({ ...run, testId: id }, nothing, never)));
    expect(new Set(made.map(({ dsn }) => dsn)).size).toBe(4);
    expect(await records()).toHaveLength(4);
    await Promise.all(ids.map((id) => databases.drop({ testId: id }, never)));
    expect(await mariadb.databases()).toEqual(['brightbird']);
  });

  test('creates a database that a dead worker recorded but did not create', async () => {
    await databases.prepare(run, nothing, never);
    await mariadb.query('DROP DATABASE `brightbird-0badcafe`');
    await databases.prepare(run, nothing, never);
    expect(await mariadb.databases()).toContain('brightbird-0badcafe');
  });

  test('refuses to prepare or drop a database for another installation', async () => {
    await databases.prepare(run, nothing, never);
    const theirs = { ...run, installation: 'theirs' };
    await expect(databases.prepare(theirs, nothing, never)).rejects.toMatchObject({ code: 'conflict' });
    expect(await databases.drop({ testId, installation: 'theirs' }, never)).toEqual([]);
    expect(await mariadb.databases()).toContain('brightbird-0badcafe');
  });

  test('returns a database that cannot be dropped as a leftover with the reason, and drops it later', async () => {
    const { dsn } = await databases.prepare(run, nothing, never);
    const port = Number(/:(\d+)\)\//.exec(dsn)?.[1]);
    const database = 'brightbird-0badcafe';
    const busy = await createConnection({
      host: '127.0.0.1',
      port,
      user: 'tester',
      password: mariadb.password,
      database,
    });
    try {
      await busy.query('CREATE TABLE held (id INT) ENGINE=InnoDB');
      await busy.query('START TRANSACTION');
      await busy.query('INSERT INTO held VALUES (1)');
      const leftovers = await databases.drop({ testId }, never);
      expect(leftovers).toEqual([
        { kind: 'database', name: database, uid: database, reason: expect.stringMatching(/lock/i) },
      ]);
    } finally {
      busy.destroy();
    }
    expect(await databases.drop({ testId }, never)).toEqual([]);
    expect(await mariadb.databases()).toEqual(['brightbird']);
  });

  test('reports an unreachable server as a retryable fault and as a leftover, without the password', async () => {
    await databases.prepare(run, nothing, never);
    await mariadb.stop();
    const fault = await databases.prepare(run, nothing, never).catch((error: unknown) => error);
    const leftovers = await databases.drop({ testId }, never);
    await expect(databases.all()).rejects.toMatchObject({ code: 'database_unavailable' });
    await mariadb.start();
    expect(fault).toMatchObject({ code: 'database_unavailable', message: expect.stringContaining('ECONNREFUSED') });
    expect(leftovers).toMatchObject([{ kind: 'database', name: 'brightbird-0badcafe' }]);
    expect(JSON.stringify([fault, leftovers])).not.toContain(mariadb.password);
    expect(await databases.drop({ testId }, never)).toEqual([]);
  });

  test('throws database_denied without the password for an account that the server refuses', async () => {
    const wrong = createTestDatabases(mariadb.connTemplate.replace(mariadb.password, 'wrong-password'));
    const fault = await wrong.prepare(run, nothing, never).catch((error: unknown) => error);
    expect(fault).toMatchObject({
      code: 'database_denied',
      message: expect.stringContaining('ER_ACCESS_DENIED_ERROR'),
    });
    expect(JSON.stringify(fault)).not.toContain('wrong-password');
    await mariadb.query("CREATE USER limited@'%' IDENTIFIED BY 'limited'");
    const limited = createTestDatabases(mariadb.connTemplate.replace(/^.*@\(/, 'limited:limited@('));
    await expect(limited.prepare(run, nothing, never)).rejects.toMatchObject({ code: 'database_denied' });
  });

  test('passes the database access to a runner, and drops its databases in the cleanup', async () => {
    const engine = emptyRuntime();
    const runtime = withDatabases(engine, databases, pino({ level: 'silent' }));
    const spec = { ...run, attempt: 1, workflowId: 'task/job-1', secrets: { token: 'x' } };
    await runtime.createRunner(spec as unknown as Parameters<Runtime['createRunner']>[0], never);
    const dsn = mariadb.connTemplate.replace('%s', 'brightbird-0badcafe');
    const access = JSON.stringify({ connTemplate: mariadb.connTemplate, dsn });
    expect(engine.calls).toMatchObject([{ secrets: { token: 'x', [mysqlFile]: access } }]);
    expect(await runtime.listAllObjects()).toMatchObject(
      [{ kind: 'database', name: 'brightbird-0badcafe', labels: { testid: testId }, ...run, testId: undefined }].map(
        ({ testId: _, ...one }) => one,
      ),
    );
    expect(await runtime.cleanup({ testId, runId: 'run-1' }, never)).toEqual([]);
    expect(await mariadb.databases()).toEqual(['brightbird']);
  });

  test('reports the waits of a runner with databases', async () => {
    const runtime = withDatabases(emptyRuntime(), databases, pino({ level: 'silent' }));
    const spec = { ...run, attempt: 1, workflowId: 'task/job-1', secrets: {} };
    const reported: (readonly RuntimeWait[])[] = [];
    await runtime.createRunner(spec as unknown as Parameters<Runtime['createRunner']>[0], never, (waits) => {
      reported.push(waits);
    });
    expect(reported).toEqual([[imagePull]]);
  });

  test('drops databases of settled tasks and of tasks without a record in the janitor', async () => {
    const runtime = withDatabases(emptyRuntime(), databases, pino({ level: 'silent' }));
    const log = pino({ level: 'silent' });
    await databases.prepare(run, nothing, never);
    const settled = { id: 'job-1', testId, state: 'success', debts: [], times: { settledAt: new Date(0) } };
    const tasks = {
      withUndeletedObjects: async () => [],
      settledWith: async (ids: string[]) => (ids.includes(testId) ? [settled] : []),
      summary: async (id: string) => (id === 'job-1' ? settled : undefined),
      setUndeletedObjects: async () => undefined,
      knownTestIds: async () => new Set(),
    };
    await removeLeftovers({ tasks, runtime, log } as unknown as Parameters<typeof removeLeftovers>[0], never);
    expect(await mariadb.databases()).toEqual(['brightbird']);

    await databases.prepare({ ...run, taskId: 'gone-1' }, nothing, never);
    const orphans = { get: async () => ({ unmarked: [], unremovable: [] }), set: async () => undefined };
    const orchestrator = { taskRun: async () => undefined };
    const ports = { tasks, orphans, orchestrator, runtime, installation: 'ours', log };
    const runJanitor = (minutes: number) =>
      removeOrphans(
        ports as unknown as Parameters<typeof removeOrphans>[0],
        { grace: 600_000, now: Date.now() + minutes * 60_000 },
        never,
      );
    await runJanitor(5);
    expect(await mariadb.databases()).toContain('brightbird-0badcafe');
    await runJanitor(15);
    expect(await mariadb.databases()).toEqual(['brightbird']);
  });
});
