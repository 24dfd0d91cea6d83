import type { CleanupActivities } from '../src/model/activities.ts';
import { type RemoveExpiredPorts, type Retention, removeExpired } from '../src/services/retention/remove-expired.ts';
import { cleanUpOnce } from '../src/services/tasks/clean-up-once.ts';
import { type RemoveLeftoversPorts, removeLeftovers } from '../src/services/tasks/remove-leftovers.ts';
import { type RemoveOrphansPorts, removeOrphans } from '../src/services/tasks/remove-orphans.ts';
import { currentExecution } from './execution.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export type CleanupPorts = RemoveLeftoversPorts &
  RemoveOrphansPorts &
  RemoveExpiredPorts & {
    retention: Retention;
    /** Age in milliseconds before an object without a task counts as orphaned. */
    orphanGraceMs: number;
  };

/**
 * Creates the activities that remove the objects of a run; on a queue of their own, so that nothing can starve them.
 */
export function createCleanupActivities(ports: CleanupPorts): CleanupActivities {
  const { runtime, retention, orphanGraceMs } = ports;
  return {
    tidyUp: () => withHeartbeat(({ cancellationSignal }) => removeLeftovers(ports, cancellationSignal)),
    removeOrphans: () =>
      withHeartbeat(({ cancellationSignal }) => removeOrphans(ports, { grace: orphanGraceMs }, cancellationSignal)),
    removeExpired: () => withHeartbeat(({ cancellationSignal }) => removeExpired(ports, retention, cancellationSignal)),
    cleanUp: ({ testId, runId, engineAway = false }) =>
      withHeartbeat(({ cancellationSignal }) => {
        const scope = { testId, runId: runId ?? currentExecution().runId };
        if (engineAway) return cleanUpOnce(runtime, scope, cancellationSignal);
        return runtime.cleanup(scope, cancellationSignal);
      }),
  };
}
