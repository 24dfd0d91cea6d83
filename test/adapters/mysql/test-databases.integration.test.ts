import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { pino } from 'pino';
import { createTestDatabases } from '../../../src/adapters/mysql/test-databases.ts';
import type { Runtime } from '../../../src/model/engine/runtime.ts';
import { mysqlFile } from '../../../src/model/mysql-template.ts';
import type { TestDatabases } from '../../../src/model/ports/test-databases.ts';
import type { RuntimeWait } from '../../../src/model/waiting.ts';
import { withDatabases } from '../../../src/services/runs/with-databases.ts';
import { removeOrphans } from '../../../src/services/tasks/remove-orphans.ts';
import { tidyUp } from '../../../src/services/tasks/tidy-up.ts';
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

/** A runtime with nothing in it, and what it was asked; creating a runner waits for an image. */
function emptyRuntime(): Runtime & { asked: unknown[] } {
  const asked: unknown[] = [];
  const runtime: Partial<Runtime> = {
    kind: 'docker',
    createRunner: async (spec, _signal, onWaits) => {
      asked.push(spec);
      onWaits?.([imagePull]);
      return { name: 'runner', uid: '1' };
    },
    cleanup: async (scope) => {
      asked.push(scope);
      return [];
    },
    everything: async () => [],
  };
  return Object.assign(runtime as Runtime, { asked });
}

describeMariadb('databases of tests', () => {
  afterEach(async () => {
    await databases.drop({ testId }, never);
    for (const name of await mariadb.databases()) await mariadb.query(`DROP DATABASE \`${name}\``);
  });

  test('a database is made before the test, its DSN opens it, and it is gone after the test', async () => {
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

  test("what a test's programs made under its test id is dropped with it, and nothing else", async () => {
    await databases.prepare(run, nothing, never);
    await databases.prepare({ ...run, testId: '1badcafe' }, nothing, never);
    const others = ['a0badcafe', 'orders', '00badcafe', 'x-0badcaf'];
    for (const name of ['sophon-auth-0badcafe1a1b2c3d4', '0badcafe_extra', ...others]) await make(name);
    expect(await databases.drop({ testId }, never)).toEqual([]);
    expect(await mariadb.databases()).toEqual([...others, 'brightbird', 'brightbird-1badcafe'].sort());
    await databases.drop({ testId: '1badcafe' }, never);
  });

  test.each(['', '%', '_', '0badcaf', 'brightbird', '.*'])(
    '"%s", which is no test id, drops nothing',
    async (label) => {
      await databases.prepare(run, nothing, never);
      const before = [...(await mariadb.databases()), 'other-app'].sort();
      await make('other-app');
      expect(await databases.drop({ testId: label }, never)).toEqual([]);
      expect(await mariadb.databases()).toEqual(before);
    },
  );

  test('a later attempt of the same run finds what the one before left, and another run does not', async () => {
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

  test('two workers that prepare the same run at once agree, and two tests do not disturb one another', async () => {
    const ids = Array.from({ length: 8 }, (_, n) => `${n % 4}badcafe`);
    const made = await Promise.all(ids.map((id) => databases.prepare({ ...run, testId: id }, nothing, never)));
    expect(new Set(made.map(({ dsn }) => dsn)).size).toBe(4);
    expect(await records()).toHaveLength(4);
    await Promise.all(ids.map((id) => databases.drop({ testId: id }, never)));
    expect(await mariadb.databases()).toEqual(['brightbird']);
  });

  test('a worker that died between record and database is followed by one that makes it', async () => {
    await databases.prepare(run, nothing, never);
    await mariadb.query('DROP DATABASE `brightbird-0badcafe`');
    await databases.prepare(run, nothing, never);
    expect(await mariadb.databases()).toContain('brightbird-0badcafe');
  });

  test('another installation neither gets nor drops the database of a test', async () => {
    await databases.prepare(run, nothing, never);
    const theirs = { ...run, installation: 'theirs' };
    await expect(databases.prepare(theirs, nothing, never)).rejects.toMatchObject({ code: 'conflict' });
    expect(await databases.drop({ testId, installation: 'theirs' }, never)).toEqual([]);
    expect(await mariadb.databases()).toContain('brightbird-0badcafe');
  });

  test('a database that cannot be dropped is a debt with the reason, and is dropped later', async () => {
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
      const debts = await databases.drop({ testId }, never);
      expect(debts).toEqual([
        { kind: 'database', name: database, uid: database, reason: expect.stringMatching(/lock/i) },
      ]);
    } finally {
      busy.destroy();
    }
    expect(await databases.drop({ testId }, never)).toEqual([]);
    expect(await mariadb.databases()).toEqual(['brightbird']);
  });

  test('a server that is away is a fault that passes, a debt after a test, and no reason to tell the password', async () => {
    await databases.prepare(run, nothing, never);
    await mariadb.stop();
    const fault = await databases.prepare(run, nothing, never).catch((error: unknown) => error);
    const debts = await databases.drop({ testId }, never);
    await expect(databases.all()).rejects.toMatchObject({ code: 'database_unavailable' });
    await mariadb.start();
    expect(fault).toMatchObject({ code: 'database_unavailable', message: expect.stringContaining('ECONNREFUSED') });
    expect(debts).toMatchObject([{ kind: 'database', name: 'brightbird-0badcafe' }]);
    expect(JSON.stringify([fault, debts])).not.toContain(mariadb.password);
    expect(await databases.drop({ testId }, never)).toEqual([]);
  });

  test('an account that the server refuses is a fault of the configuration, without the password', async () => {
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

  test('a runner is given the access, and cleaning up its run drops the databases', async () => {
    const engine = emptyRuntime();
    const runtime = withDatabases(engine, databases, pino({ level: 'silent' }));
    const spec = { ...run, attempt: 1, workflowId: 'task/job-1', secrets: { token: 'x' } };
    await runtime.createRunner(spec as unknown as Parameters<Runtime['createRunner']>[0], never);
    const dsn = mariadb.connTemplate.replace('%s', 'brightbird-0badcafe');
    const access = JSON.stringify({ connTemplate: mariadb.connTemplate, dsn });
    expect(engine.asked).toMatchObject([{ secrets: { token: 'x', [mysqlFile]: access } }]);
    expect(await runtime.everything()).toMatchObject(
      [{ kind: 'database', name: 'brightbird-0badcafe', labels: { testid: testId }, ...run, testId: undefined }].map(
        ({ testId: _, ...one }) => one,
      ),
    );
    expect(await runtime.cleanup({ testId, runId: 'run-1' }, never)).toEqual([]);
    expect(await mariadb.databases()).toEqual(['brightbird']);
  });

  test('what a runner waits for is told for a run with databases too', async () => {
    const runtime = withDatabases(emptyRuntime(), databases, pino({ level: 'silent' }));
    const spec = { ...run, attempt: 1, workflowId: 'task/job-1', secrets: {} };
    const told: (readonly RuntimeWait[])[] = [];
    await runtime.createRunner(spec as unknown as Parameters<Runtime['createRunner']>[0], never, (waits) => {
      told.push(waits);
    });
    expect(told).toEqual([[imagePull]]);
  });

  test('the janitor drops what a settled task still has, and what belongs to no task on record', async () => {
    const runtime = withDatabases(emptyRuntime(), databases, pino({ level: 'silent' }));
    const log = pino({ level: 'silent' });
    await databases.prepare(run, nothing, never);
    const settled = { id: 'job-1', testId, state: 'success', debts: [], times: { settledAt: new Date(0) } };
    const tasks = {
      indebted: async () => [],
      settledWith: async (ids: string[]) => (ids.includes(testId) ? [settled] : []),
      summary: async (id: string) => (id === 'job-1' ? settled : undefined),
      setDebts: async () => undefined,
      knownTestIds: async () => new Set(),
    };
    await tidyUp({ tasks, runtime, log } as unknown as Parameters<typeof tidyUp>[0], never);
    expect(await mariadb.databases()).toEqual(['brightbird']);

    await databases.prepare({ ...run, taskId: 'gone-1' }, nothing, never);
    const orphans = { get: async () => ({ unmarked: [], unremovable: [] }), set: async () => undefined };
    const orchestrator = { taskRun: async () => undefined };
    const ports = { tasks, orphans, orchestrator, runtime, installation: 'ours', log };
    const look = (minutes: number) =>
      removeOrphans(
        ports as unknown as Parameters<typeof removeOrphans>[0],
        { grace: 600_000, now: Date.now() + minutes * 60_000 },
        never,
      );
    await look(5);
    expect(await mariadb.databases()).toContain('brightbird-0badcafe');
    await look(15);
    expect(await mariadb.databases()).toEqual(['brightbird']);
  });
});
