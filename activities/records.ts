import { activityInfo } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { RecordActivities } from '../src/model/activities.ts';
import type { StepStore } from '../src/model/ports/steps.ts';
import type { TaskPatch } from '../src/model/ports/tasks.ts';
import type { Writer } from '../src/model/ports/writer.ts';
import { type OpenTaskPorts, openTask } from '../src/services/tasks/open-task.ts';
import { recordAttempts } from '../src/services/tasks/record-attempts.ts';
import { settleStop } from '../src/services/tasks/settle-stop.ts';
import { currentExecution, currentRun, isCurrent } from './execution.ts';

/** Creates the activities that write the record of a task; all are idempotent. */
export function createRecordActivities(ports: OpenTaskPorts & { steps: StepStore; log: Logger }): RecordActivities {
  return {
    async openTask(input) {
      return openTask(ports, input, currentExecution());
    },

    keepVersions: ({ jobId, versions }) => ports.jobs.setVersions(jobId, versions),

    async projectTask({ taskId, epoch, patch }) {
      const { runId } = currentExecution();
      const writer: Writer = { runId, epoch };
      const { times, heldUntil, ...fields } = patch;
      let dated: TaskPatch = {
        ...fields,
        ...(heldUntil !== undefined && { heldUntil: heldUntil === null ? null : new Date(heldUntil) }),
        ...(times && { times: Object.fromEntries(Object.entries(times).map(([at, iso]) => [at, new Date(iso)])) }),
      };
      const { state, outcome, error } = patch;
      if (patch.times?.settledAt) {
        dated = await settleStop(ports.tasks, taskId, dated);
        ports.log.info({ taskId, state, outcome, reason: error?.message }, 'task settled');
      }
      // First, as a retry after the projection was written does nothing.
      const by = { ...writer, try: activityInfo().attempt };
      await recordAttempts(ports, { taskId, writer: by, attempts: patch.attempts ?? [] }, isCurrent);
      if (await ports.tasks.project(taskId, writer, dated)) return;
      // Another run holds the record. After a reset this run is the current one and takes the record over; else it is
      // stale.
      const current = await currentRun();
      if (current.runId !== runId) return;
      // A stop of the earlier run does not apply to this one.
      const stop = (await ports.tasks.summary(taskId))?.stop;
      const earlier = stop && stop.at < current.startTime && { stop: null };
      await ports.tasks.project(taskId, writer, { ...dated, ...earlier }, { takeOver: true });
    },
  };
}
