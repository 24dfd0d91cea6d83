import type { CleanupActivities } from '../src/model/activities.ts';
import { type TidyUpPorts, tidyUp } from '../src/tasks/tidy-up.ts';
import { alive } from './alive.ts';
import { execution } from './execution.ts';

/** Activities that remove what a run made; on a queue of their own, so that nothing can starve them. */
export function createCleanupActivities(ports: TidyUpPorts): CleanupActivities {
  const { runtime } = ports;
  return {
    tidyUp: () => alive(({ cancellationSignal }) => tidyUp(ports, cancellationSignal)),
    cleanUp: ({ testId, runId }) =>
      alive(({ cancellationSignal }) =>
        runtime.cleanup({ testId, runId: runId ?? execution().runId }, cancellationSignal),
      ),
  };
}
