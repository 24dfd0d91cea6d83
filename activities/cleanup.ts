import type { CleanupActivities } from '../src/model/activities.ts';
import { Fault } from '../src/model/fault.ts';
import { runDebt } from '../src/model/task.ts';
import { type RemoveExpiredPorts, type Retention, removeExpired } from '../src/retention/remove-expired.ts';
import { type RemoveOrphansPorts, removeOrphans } from '../src/tasks/remove-orphans.ts';
import { type TidyUpPorts, tidyUp } from '../src/tasks/tidy-up.ts';
import { alive } from './alive.ts';
import { execution } from './execution.ts';

export type CleanupPorts = TidyUpPorts &
  RemoveOrphansPorts &
  RemoveExpiredPorts & {
    retention: Retention;
    /** Milliseconds. */
    orphanGrace: number;
  };

/** Activities that remove what a run made; on a queue of their own, so that nothing can starve them. */
export function createCleanupActivities(ports: CleanupPorts): CleanupActivities {
  const { runtime, retention, orphanGrace: grace } = ports;
  return {
    tidyUp: () => alive(({ cancellationSignal }) => tidyUp(ports, cancellationSignal)),
    removeOrphans: () => alive(({ cancellationSignal }) => removeOrphans(ports, { grace }, cancellationSignal)),
    removeExpired: () => alive(({ cancellationSignal }) => removeExpired(ports, retention, cancellationSignal)),
    cleanUp: ({ testId, runId, engineAway = false }) =>
      alive(async ({ cancellationSignal }) => {
        try {
          return await runtime.cleanup({ testId, runId: runId ?? execution().runId }, cancellationSignal);
        } catch (error) {
          if (!engineAway || !(error instanceof Fault) || error.code !== 'engine_unavailable') throw error;
          return [runDebt(testId, error.message)];
        }
      }),
  };
}
