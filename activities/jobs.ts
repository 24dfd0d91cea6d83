import type { JobActivities, RemovalActivities } from '../src/model/activities.ts';
import { newId } from '../src/model/new-id.ts';
import type { StepStore } from '../src/model/ports/steps.ts';
import type { TaskStore } from '../src/model/ports/tasks.ts';
import type { Task } from '../src/model/task.ts';
import { isFinal } from '../src/model/task-state.ts';
import { type SettleLostBuildsPorts, settleLostBuilds } from '../src/services/builds/settle-lost-builds.ts';
import { dispatch } from '../src/services/deliveries/dispatch.ts';
import type { DispatchPorts } from '../src/services/deliveries/dispatch-one.ts';
import { type EraseJobPorts, eraseJob } from '../src/services/jobs/erase-job.ts';
import { type FireJobPorts, fireJob } from '../src/services/jobs/fire-job.ts';
import { type ReconcileSchedulesPorts, reconcileSchedules } from '../src/services/jobs/reconcile-schedules.ts';
import { reconcileStarts } from '../src/services/jobs/reconcile-starts.ts';
import { recordDecision } from '../src/services/jobs/record-decision.ts';
import { stopTasks } from '../src/services/jobs/stop-tasks.ts';
import { findLostTask, listLostTasks } from '../src/services/tasks/find-lost.ts';
import { settleLost } from '../src/services/tasks/settle-lost.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export type JobActivityPorts = FireJobPorts &
  ReconcileSchedulesPorts &
  DispatchPorts &
  SettleLostBuildsPorts & { tasks: TaskStore; steps: StepStore };

/** Time limit of the janitor's dispatch; its next run in a minute continues. */
const dispatchTimeoutMs = 45_000;
const leaseMs = 6000;

/** Creates the activities of job entities, their schedules and the janitor. */
export function createJobActivities(ports: JobActivityPorts): JobActivities {
  return {
    async closedTasks({ taskIds }) {
      const runs = await Promise.all(taskIds.map((id) => ports.orchestrator.taskRun(id)));
      return taskIds.filter((_, index) => runs[index]?.status !== 'running');
    },
    takeNumber: ({ jobId, ...request }) => ports.jobs.takeNumber(jobId, request),
    async settledTasks({ taskIds }) {
      const tasks = await Promise.all(taskIds.map((id) => ports.tasks.summary(id)));
      return taskIds.filter((_, index) => isSettledOrHeld(tasks[index]));
    },
    async cancelStart({ taskId, startId, reason }) {
      await ports.tasks.cancelStart(taskId, { startId, message: `not started: ${reason}`, at: new Date() });
    },
    reconcileStarts: () => reconcileStarts(ports),
    recordDecision: ({ jobId, trigger, ...result }) => recordDecision(ports, jobId, trigger, result),
    stopTasks: ({ jobId, taskIds }) => stopTasks(ports, jobId, taskIds),
    fireJob: ({ jobId, nominalAt }) => fireJob(ports, jobId, nominalAt),
    async reconcileJobs() {
      await reconcileSchedules(ports);
    },
    async dispatchWaiting() {
      const signal = AbortSignal.timeout(dispatchTimeoutMs);
      await dispatch(ports, { durationMs: leaseMs, holder: newId() }, { signal, progress() {} });
    },
    settleLostBuilds: () => settleLostBuilds(ports),
    lostTasks: () => listLostTasks(ports),
    findLost: ({ taskId }) => findLostTask(ports, taskId),
    settleLost: ({ steps, debts, ...lost }) => settleLost(ports, lost, { steps, debts }),
  };
}

function isSettledOrHeld(task: Pick<Task, 'state'> | undefined): boolean {
  return !task || task.state === 'held' || isFinal(task.state);
}

/** Creates the activity that removes the records of a job; on another queue, as it may take long. */
export function createRemovalActivities(ports: EraseJobPorts): RemovalActivities {
  return { eraseJob: ({ jobId }) => withHeartbeat(() => eraseJob(ports, jobId)) };
}
