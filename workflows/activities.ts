import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type {
  BisectActivities,
  BuildActivities,
  CleanupActivities,
  JobActivities,
  RecordActivities,
  RemovalActivities,
  RunnerActivities,
} from '../src/model/activities.ts';
import { lookupQueue, queues } from '../src/model/queues.ts';

// Heartbeats tell a dead worker from a slow one, and carry cancellation; without them WAIT_CANCELLATION_COMPLETED
// hangs.
const heartbeatTimeout = '10s';
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
const retry = { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '20s' } as const;
/** Options of work outside of Temporal: a cancellation waits for it, so that cleanup begins only after its end. */
const watched = { heartbeatTimeout, cancellationType, retry } as const;
const watchedFewTimes = { ...watched, retry: { ...retry, maximumAttempts: 5 } } as const;

// Each function takes the summary that Temporal's Web UI shows beside the activity.

export const recordActivities = (summary: string) =>
  proxyActivities<RecordActivities>({ taskQueue: queues.control, startToCloseTimeout: '20s', retry, summary });

/** Activities that take a build slot. */
export const buildActivities = (summary: string) =>
  proxyActivities<Pick<BuildActivities, 'buildImage'>>({
    taskQueue: queues.build,
    startToCloseTimeout: '2h',
    ...watchedFewTimes,
    summary,
  });

/** Activities of the build workers that take no slot. */
export const lookupActivities = (summary: string) =>
  proxyActivities<Omit<BuildActivities, 'buildImage'>>({
    taskQueue: lookupQueue,
    startToCloseTimeout: '1h',
    ...watchedFewTimes,
    summary,
  });

export const creationActivities = (summary: string) =>
  proxyActivities<Pick<RunnerActivities, 'createRunner'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: '10m',
    ...watchedFewTimes,
    summary,
  });

/** Following ends at the time limit of the run. Retried without limit when a worker is lost. */
export const followActivities = (summary: string, timeoutMs: number) =>
  proxyActivities<Pick<RunnerActivities, 'followRunner'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: timeoutMs + 10 * 60_000,
    ...watched,
    summary,
  });

export const cleanupActivities = (summary: string) =>
  proxyActivities<CleanupActivities>({
    taskQueue: queues.cleanup,
    startToCloseTimeout: '5m',
    scheduleToCloseTimeout: '1h',
    heartbeatTimeout,
    retry,
    summary,
  });

export const jobActivities = (summary: string) =>
  proxyActivities<JobActivities>({ taskQueue: queues.control, startToCloseTimeout: '1m', retry, summary });

/** One write to MongoDB, as a local activity: every trigger of a job needs it, one after the other. */
export const numberActivities = proxyLocalActivities<Pick<JobActivities, 'takeNumber'>>({
  startToCloseTimeout: '10s',
  retry,
});

/** A stop waits for these activities, so that a run that is being started is known and stopped too. */
export const bisectActivities = (summary: string) =>
  proxyActivities<BisectActivities>({
    taskQueue: queues.control,
    startToCloseTimeout: '20s',
    cancellationType,
    retry,
    summary,
  });

/** Lasts as long as the task, which has its own limits. Retried without limit when a worker is lost. */
export const waitActivities = (summary: string) =>
  proxyActivities<Pick<RunnerActivities, 'awaitTask'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: '30d',
    ...watched,
    summary,
  });

/** Lasts as long as an environment is held, which has its own limit. */
export const holdActivities = (summary: string) =>
  proxyActivities<Pick<RunnerActivities, 'followHeld'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: '30d',
    ...watched,
    summary,
  });

/** Tried once, as the janitor runs again soon. */
export const maintenanceActivities = (summary: string) =>
  proxyActivities<Pick<CleanupActivities, 'tidyUp' | 'removeOrphans' | 'removeExpired'>>({
    taskQueue: queues.cleanup,
    startToCloseTimeout: '10m',
    scheduleToStartTimeout: '1m',
    heartbeatTimeout,
    retry: { maximumAttempts: 1 },
    summary,
  });

export const removalActivities = (summary: string) =>
  proxyActivities<RemovalActivities>({
    taskQueue: queues.cleanup,
    startToCloseTimeout: '2h',
    heartbeatTimeout,
    retry,
    summary,
  });

/** Reads the last logs of a runner that has ended, or whose task was lost. */
export const drainActivities = (summary: string) =>
  proxyActivities<Pick<RunnerActivities, 'followRunner' | 'drainLogs'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: '10m',
    ...watchedFewTimes,
    summary,
  });
