import { escapeId } from 'mysql2';
import { Fault } from '../../model/fault.ts';
import { parseMysqlTemplate } from '../../model/mysql-template.ts';
import type { TestDatabases } from '../../model/ports/test-databases.ts';
import type { UndeletedObject } from '../../model/task.ts';
import { type Query, withConnection } from './connect.ts';
import { Registry } from './registry.ts';

/** Time that a worker waits for another one that prepares or drops databases of the same test. */
const lockSeconds = 30;
/** Pattern of test ids; any other label must not select databases, as an empty one would select all. */
const testIdPattern = /^[0-9a-f]{8}$/;

/** Creates the store of tests' databases on the MySQL or MariaDB server of a template, see parseMysqlTemplate. */
export function createTestDatabases(connTemplate: string): TestDatabases {
  const template = parseMysqlTemplate(connTemplate);
  const registry = new Registry(template);
  const registryName = registry.database.toLowerCase();

  return {
    prepare: ({ testId, taskId, runId, installation }, removeOthers, signal) =>
      withConnection(template, async (query) => {
        await lock(query, testId);
        await registry.create(query);
        const before = await registry.get(query, testId);
        if (before && before.installation !== installation) throw ownershipConflict(before.name);
        if (before?.runId !== runId) {
          const others = await listDatabases(query, testId, registryName);
          if (before || others.length > 0) await removeOthers();
          for (const name of others) await dropDatabase(query, name);
          signal.throwIfAborted();
          // Recorded before its creation, so that the janitor finds it after a crash in between.
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
          const hasRegistry = await registry.exists(query);
          const entry = hasRegistry ? await registry.get(query, testId) : undefined;
          const isOther = (wanted: string | undefined, found: string) => wanted !== undefined && wanted !== found;
          if (entry && (isOther(runId, entry.runId) || isOther(installation, entry.installation))) return [];
          const leftovers: UndeletedObject[] = [];
          for (const name of await listDatabases(query, testId, registryName)) {
            signal.throwIfAborted();
            await dropDatabase(query, name).catch((error: unknown) => leftovers.push(toLeftover(name, error)));
          }
          if (hasRegistry && leftovers.length === 0) await registry.delete(query, testId);
          return leftovers;
        });
      } catch (error) {
        return [toLeftover(registry.nameFor(testId), error)];
      }
    },

    all: () =>
      withConnection(template, async (query) => ((await registry.exists(query)) ? await registry.all(query) : [])),
  };
}

/** Locks until the connection ends: a worker that Temporal has given up must not drop databases of the next one. */
async function lock(query: Query, testId: string): Promise<void> {
  const [row] = await query('SELECT GET_LOCK(?, ?) AS taken', [`brightbird-${testId}`, String(lockSeconds)]);
  if (Number(row?.taken) === 1) return;
  throw new Fault('database_unavailable', `the databases of test ${testId} are being changed by another worker`);
}

/** Lists a test's databases, which have its id in their names, as in the original (`sophon-auth-0badcafe1…`). */
async function listDatabases(query: Query, testId: string, registryName: string): Promise<string[]> {
  const sql = 'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ?';
  const names = (await query(sql, [`%${testId}%`])).map(({ name }) => String(name));
  const own = new RegExp(`(^|[^0-9a-z])${testId}`, 'i');
  return names.filter((name) => own.test(name) && name.toLowerCase() !== registryName);
}

async function dropDatabase(query: Query, name: string): Promise<void> {
  await query(`DROP DATABASE IF EXISTS ${escapeId(name, true)}`);
}

function toLeftover(name: string, error: unknown): UndeletedObject {
  if (!(error instanceof Fault)) throw error;
  return { kind: 'database', name, uid: name, reason: error.message };
}

function ownershipConflict(name: string): Fault {
  return new Fault('conflict', `the database ${name} belongs to another installation of BrightBird`, {
    hint: 'give a copy of the MongoDB database its own identity: docs/operate/troubleshoot.md, "Leftover objects"',
  });
}
