import { activityInfo } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { RecordActivities } from '../src/model/activities.ts';
import type { StepStore } from '../src/model/ports/steps.ts';
import type { TaskPatch } from '../src/model/ports/tasks.ts';
import type { Writer } from '../src/model/ports/writer.ts';
import { type OpenTaskPorts, openTask } from '../src/services/tasks/open-task.ts';
import { recordAttempts } from '../src/services/tasks/record-attempts.ts';
import { settleStop } from '../src/services/tasks/settle-stop.ts';
import { currentRun, execution, isCurrent } from './execution.ts';

/** Activities that write the record of a task; each can be repeated without harm. */
export function createRecordActivities(ports: OpenTaskPorts & { steps: StepStore; log: Logger }): RecordActivities {
  return {
    async openTask(input) {
      return openTask(ports, input, execution());
    },

    keepVersions: ({ jobId, versions }) => ports.jobs.setVersions(jobId, versions),

    async projectTask({ taskId, epoch, patch }) {
      const { runId } = execution();
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
        ports.log.info({ task: taskId, state, outcome, reason: error?.message }, 'task settled');
      }
      // First: a try that comes after the record was written would do nothing.
      const by = { ...writer, try: activityInfo().attempt };
      await recordAttempts(ports, { taskId, writer: by, attempts: patch.attempts ?? [] }, isCurrent);
      if (await ports.tasks.project(taskId, writer, dated)) return;
      // Another run holds the record: after a reset this one is the current run and takes it over, else it is stale.
      const current = await currentRun();
      if (current.runId !== runId) return;
      // Whoever stopped the run before, this one was not stopped by that.
      const stop = (await ports.tasks.summary(taskId))?.stop;
      const earlier = stop && stop.at < current.startTime && { stop: null };
      await ports.tasks.project(taskId, writer, { ...dated, ...earlier }, { takeOver: true });
    },
  };
}
