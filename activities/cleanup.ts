import type { CleanupActivities } from '../src/model/activities.ts';
import { type RemoveExpiredPorts, type Retention, removeExpired } from '../src/retention/remove-expired.ts';
import { type TidyUpPorts, tidyUp } from '../src/tasks/tidy-up.ts';
import { alive } from './alive.ts';
import { execution } from './execution.ts';

export type CleanupPorts = TidyUpPorts & RemoveExpiredPorts & { retention: Retention };

/** Activities that remove what a run made; on a queue of their own, so that nothing can starve them. */
export function createCleanupActivities(ports: CleanupPorts): CleanupActivities {
  const { runtime, retention } = ports;
  return {
    tidyUp: () => alive(({ cancellationSignal }) => tidyUp(ports, cancellationSignal)),
    removeExpired: () => alive(({ cancellationSignal }) => removeExpired(ports, retention, cancellationSignal)),
    cleanUp: ({ testId, runId }) =>
      alive(({ cancellationSignal }) =>
        runtime.cleanup({ testId, runId: runId ?? execution().runId }, cancellationSignal),
      ),
  };
}
