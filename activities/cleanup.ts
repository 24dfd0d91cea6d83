import type { CleanupActivities } from '../src/model/activities.ts';
import type { Runtime } from '../src/runtime/runtime.ts';
import { alive } from './alive.ts';
import { execution } from './execution.ts';

/** Activities that remove what a run made; on a queue of their own, so that nothing can starve them. */
export function createCleanupActivities({ runtime }: { runtime: Runtime }): CleanupActivities {
  return {
    cleanUp: ({ testId, runId }) =>
      alive(({ cancellationSignal }) =>
        runtime.cleanup({ testId, runId: runId ?? execution().runId }, cancellationSignal),
      ),
  };
}
