import type { MysqlAccess } from '../mysql-template.ts';
import type { RunIdentity } from '../run.ts';
import type { CleanupDebt } from '../task.ts';
import type { TestDatabase } from '../test-databases.ts';

/** Databases that exist as long as a test: one made for each, and what its programs make besides under its test id. */
export interface TestDatabases {
  /**
   * Makes the database of a run, and returns the access to it. What other Temporal runs of the task have is dropped first,
   * after `removeOthers`; what this run has already stays. Throws database_denied, database_unavailable, conflict.
   */
  prepare(
    run: Pick<RunIdentity, 'testId' | 'taskId' | 'runId' | 'installation'>,
    removeOthers: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<MysqlAccess>;
  /**
   * Drops the databases of a test, unless they are of another run than `runId` or of another installation. Returns those
   * that are left, with the reason; also when the server does not answer.
   */
  drop(scope: { testId: string; runId?: string; installation?: string }, signal: AbortSignal): Promise<CleanupDebt[]>;
  /** Returns the databases of all tests. Throws database_denied, database_unavailable. */
  all(): Promise<TestDatabase[]>;
}
