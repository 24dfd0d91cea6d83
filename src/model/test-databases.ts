import type { RunIdentity } from './run.ts';

/** The databases of a test, as recorded in their server. */
export interface TestDatabase extends Pick<RunIdentity, 'testId' | 'taskId' | 'runId' | 'installation'> {
  name: string;
  createdAt: Date;
}
