import type { RunIdentity } from './run.ts';

/** The databases of a test, on record in the server that has them. */
export interface TestDatabase extends Pick<RunIdentity, 'testId' | 'taskId' | 'runId' | 'installation'> {
  name: string;
  createdAt: Date;
}
