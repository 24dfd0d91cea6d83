import type { CleanupActivities } from '../src/model/activities.ts';
import { type RemoveExpiredPorts, type Retention, removeExpired } from '../src/services/retention/remove-expired.ts';
import { cleanUpOnce } from '../src/services/tasks/clean-up-once.ts';
import { type RemoveOrphansPorts, removeOrphans } from '../src/services/tasks/remove-orphans.ts';
import { type TidyUpPorts, tidyUp } from '../src/services/tasks/tidy-up.ts';
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
      alive(({ cancellationSignal }) => {
        const scope = { testId, runId: runId ?? execution().runId };
        if (engineAway) return cleanUpOnce(runtime, scope, cancellationSignal);
        return runtime.cleanup(scope, cancellationSignal);
      }),
  };
}
