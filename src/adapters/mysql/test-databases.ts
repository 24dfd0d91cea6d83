import { escapeId } from 'mysql2';
import { Fault } from '../../model/fault.ts';
import { parseMysqlTemplate } from '../../model/mysql-template.ts';
import type { TestDatabases } from '../../model/ports/test-databases.ts';
import type { CleanupDebt } from '../../model/task.ts';
import { type Query, withConnection } from './connect.ts';
import { Registry } from './registry.ts';

/** Seconds that one worker waits for another that prepares or drops the databases of the same test. */
const lockSeconds = 30;
/** A label that is no test id must not name databases: an empty one would name all. */
const testIdPattern = /^[0-9a-f]{8}$/;

/** Databases of tests on the MySQL or MariaDB server of a template, see parseMysqlTemplate. */
export function createTestDatabases(connTemplate: string): TestDatabases {
  const template = parseMysqlTemplate(connTemplate);
  const registry = new Registry(template);
  const kept = registry.database.toLowerCase();

  return {
    prepare: ({ testId, taskId, runId, installation }, removeOthers, signal) =>
      withConnection(template, async (query) => {
        await lock(query, testId);
        await registry.create(query);
        const before = await registry.get(query, testId);
        if (before && before.installation !== installation) throw ofAnother(before.name);
        if (before?.runId !== runId) {
          const others = await list(query, testId, kept);
          if (before || others.length > 0) await removeOthers();
          for (const name of others) await dropDatabase(query, name);
          signal.throwIfAborted();
          // On record before it is made: whatever happens in between, the janitor finds it.
          await registry.put(query, { testId, taskId, runId, installation });
        }
        const name = registry.nameFor(testId);
        await query(`CREATE DATABASE IF NOT EXISTS ${escapeId(name, true)} CHARACTER SET utf8mb4`);
        return { connTemplate, dsn: template.dsn(`brightbird-${testId}`) };
      }),

    async drop({ testId, runId, installation }, signal) {
      if (!testIdPattern.test(testId)) return [];
      try {
        return await withConnection(template, async (query) => {
          await lock(query, testId);
          const isKept = await registry.exists(query);
          const entry = isKept ? await registry.get(query, testId) : undefined;
          const isOther = (wanted: string | undefined, found: string) => wanted !== undefined && wanted !== found;
          if (entry && (isOther(runId, entry.runId) || isOther(installation, entry.installation))) return [];
          const debts: CleanupDebt[] = [];
          for (const name of await list(query, testId, kept)) {
            signal.throwIfAborted();
            await dropDatabase(query, name).catch((error: unknown) => debts.push(debt(name, error)));
          }
          if (isKept && debts.length === 0) await registry.delete(query, testId);
          return debts;
        });
      } catch (error) {
        return [debt(registry.nameFor(testId), error)];
      }
    },

    all: () =>
      withConnection(template, async (query) => ((await registry.exists(query)) ? await registry.all(query) : [])),
  };
}

/** Held until the connection ends: a worker that Temporal has given up must not drop what the next one has made. */
async function lock(query: Query, testId: string): Promise<void> {
  const [row] = await query('SELECT GET_LOCK(?, ?) AS taken', [`brightbird-${testId}`, String(lockSeconds)]);
  if (Number(row?.taken) === 1) return;
  throw new Fault('database_unavailable', `the databases of test ${testId} are being changed by another worker`);
}

/** As in the original, a database belongs to a test by the test's id in its name (`sophon-auth-0badcafe1…`). */
async function list(query: Query, testId: string, kept: string): Promise<string[]> {
  const sql = 'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ?';
  const names = (await query(sql, [`%${testId}%`])).map(({ name }) => String(name));
  const own = new RegExp(`(^|[^0-9a-z])${testId}`, 'i');
  return names.filter((name) => own.test(name) && name.toLowerCase() !== kept);
}

async function dropDatabase(query: Query, name: string): Promise<void> {
  await query(`DROP DATABASE IF EXISTS ${escapeId(name, true)}`);
}

function debt(name: string, error: unknown): CleanupDebt {
  if (!(error instanceof Fault)) throw error;
  return { kind: 'database', name, uid: name, reason: error.message };
}

function ofAnother(name: string): Fault {
  return new Fault('conflict', `the database ${name} belongs to another installation of BrightBird`, {
    hint: 'a copy of the MongoDB database needs an identity of its own: docs/operate/troubleshoot.md, "Leftover objects"',
  });
}
