import type { MysqlAccess } from '../mysql-template.ts';
import type { RunIdentity } from '../run.ts';
import type { UndeletedObject } from '../task.ts';
import type { TestDatabase } from '../test-databases.ts';

/** Databases for the duration of a test: its own, and those that its programs create under its test id. */
export interface TestDatabases {
  /**
   * Creates the database of a run, and returns the access to it. Databases of other Temporal runs of the task are dropped first,
   * after `removeOthers`; a database of this run is kept. Throws database_denied, database_unavailable, conflict.
   */
  prepare(
    run: Pick<RunIdentity, 'testId' | 'taskId' | 'runId' | 'installation'>,
    removeOthers: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<MysqlAccess>;
  /**
   * Drops the databases of a test, unless they belong to another run than `runId` or to another installation. Returns the
   * remaining ones with the reason, even when the server does not answer.
   */
  drop(
    scope: { testId: string; runId?: string; installation?: string },
    signal: AbortSignal,
  ): Promise<UndeletedObject[]>;
  /** Returns the databases of all tests. Throws database_denied, database_unavailable. */
  all(): Promise<TestDatabase[]>;
}
