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
import { reconcileStarts } from '../src/services/jobs/reconcile-starts.ts';
import { recordDecision } from '../src/services/jobs/record-decision.ts';
import { type StartPorts, start } from '../src/services/jobs/start.ts';
import { stopTasks } from '../src/services/jobs/stop-tasks.ts';
import { findLost, lostTasks } from '../src/services/tasks/find-lost.ts';
import { settleLost } from '../src/services/tasks/settle-lost.ts';
import { alive } from './alive.ts';

export type JobActivityPorts = FireJobPorts &
  StartPorts &
  DispatchPorts &
  SettleLostBuildsPorts & { tasks: TaskStore; steps: StepStore };

/** Of the janitor's dispatching, in milliseconds: what is left then is the next minute's. */
const dispatchFor = 45_000;
const lease = 6000;

/** What the entities of jobs, their schedules and the janitor do. */
export function createJobActivities(ports: JobActivityPorts): JobActivities {
  return {
    async closedTasks({ taskIds }) {
      const runs = await Promise.all(taskIds.map((id) => ports.orchestrator.taskRun(id)));
      return taskIds.filter((_, index) => runs[index]?.status !== 'running');
    },
    takeNumber: ({ jobId, ...request }) => ports.jobs.takeNumber(jobId, request),
    async settledTasks({ taskIds }) {
      const tasks = await Promise.all(taskIds.map((id) => ports.tasks.summary(id)));
      return taskIds.filter((_, index) => isOutOfTheWay(tasks[index]));
    },
    async cancelStart({ taskId, startId, reason }) {
      await ports.tasks.cancelStart(taskId, { startId, message: `it was not begun: ${reason}`, at: new Date() });
    },
    reconcileStarts: () => reconcileStarts(ports),
    recordDecision: ({ jobId, trigger, ...result }) => recordDecision(ports, jobId, trigger, result),
    stopTasks: ({ jobId, taskIds }) => stopTasks(ports, jobId, taskIds),
    fireJob: ({ jobId, nominalAt }) => fireJob(ports, jobId, nominalAt),
    async reconcileJobs() {
      await start(ports);
    },
    async dispatchWaiting() {
      const signal = AbortSignal.timeout(dispatchFor);
      await dispatch(ports, { length: lease, holder: newId() }, { signal, progress() {} });
    },
    settleLostBuilds: () => settleLostBuilds(ports),
    lostTasks: () => lostTasks(ports),
    findLost: ({ taskId }) => findLost(ports, taskId),
    settleLost: ({ steps, debts, ...lost }) => settleLost(ports, lost, { steps, debts }),
  };
}

function isOutOfTheWay(task: Pick<Task, 'state'> | undefined): boolean {
  return !task || task.state === 'held' || isFinal(task.state);
}

/** Removal takes as long as a job has tasks, so it does not hold up the records. */
export function createRemovalActivities(ports: EraseJobPorts): RemovalActivities {
  return { eraseJob: ({ jobId }) => alive(() => eraseJob(ports, jobId)) };
}
