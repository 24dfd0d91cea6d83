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
import { lookQueue, queues } from '../src/model/queues.ts';

// Heartbeats tell a dead worker from a slow one, and carry cancellation; without them WAIT_CANCELLATION_COMPLETED hangs.
const heartbeatTimeout = '10s';
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
const retry = { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '20s' } as const;
/** Work outside of Temporal that a cancel waits for, so that nothing is cleaned up beneath it. */
const watched = { heartbeatTimeout, cancellationType, retry } as const;
const watchedFewTimes = { ...watched, retry: { ...retry, maximumAttempts: 5 } } as const;

// Each takes the summary that Temporal's Web UI shows beside the activity.

export const records = (summary: string) =>
  proxyActivities<RecordActivities>({ taskQueue: queues.control, startToCloseTimeout: '20s', retry, summary });

/** What takes one of the build slots. */
export const builds = (summary: string) =>
  proxyActivities<Pick<BuildActivities, 'buildImage'>>({
    taskQueue: queues.build,
    startToCloseTimeout: '2h',
    ...watchedFewTimes,
    summary,
  });

/** What the workers of builds do beside their slots. */
export const looks = (summary: string) =>
  proxyActivities<Omit<BuildActivities, 'buildImage'>>({
    taskQueue: lookQueue,
    startToCloseTimeout: '1h',
    ...watchedFewTimes,
    summary,
  });

export const creation = (summary: string) =>
  proxyActivities<Pick<RunnerActivities, 'createRunner'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: '10m',
    ...watchedFewTimes,
    summary,
  });

/** Following ends by the run's own limit; a follower that lost its worker is started again, however often. */
export const following = (summary: string, timeoutMs: number) =>
  proxyActivities<Pick<RunnerActivities, 'followRunner'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: timeoutMs + 10 * 60_000,
    ...watched,
    summary,
  });

export const cleanup = (summary: string) =>
  proxyActivities<CleanupActivities>({
    taskQueue: queues.cleanup,
    startToCloseTimeout: '5m',
    scheduleToCloseTimeout: '1h',
    heartbeatTimeout,
    retry,
    summary,
  });

export const jobRecords = (summary: string) =>
  proxyActivities<JobActivities>({ taskQueue: queues.control, startToCloseTimeout: '1m', retry, summary });

/** One write to MongoDB, in the worker that runs the entity: it is on the way of every trigger, one after another. */
export const numbers = proxyLocalActivities<Pick<JobActivities, 'takeNumber'>>({ startToCloseTimeout: '10s', retry });

/** A stop waits for it, so that a run that is being started is known, and stopped too. */
export const bisecting = (summary: string) =>
  proxyActivities<BisectActivities>({
    taskQueue: queues.control,
    startToCloseTimeout: '20s',
    cancellationType,
    retry,
    summary,
  });

/** As long as a task lasts, which has limits of its own; a wait that lost its worker is begun again, however often. */
export const waiting = (summary: string) =>
  proxyActivities<Pick<RunnerActivities, 'awaitTask'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: '30d',
    ...watched,
    summary,
  });

/** As long as an environment is held, which has a limit of its own. */
export const holding = (summary: string) =>
  proxyActivities<Pick<RunnerActivities, 'followHeld'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: '30d',
    ...watched,
    summary,
  });

/** Once: the janitor comes again. */
export const tidying = (summary: string) =>
  proxyActivities<Pick<CleanupActivities, 'tidyUp' | 'removeOrphans' | 'removeExpired'>>({
    taskQueue: queues.cleanup,
    startToCloseTimeout: '10m',
    scheduleToStartTimeout: '1m',
    heartbeatTimeout,
    retry: { maximumAttempts: 1 },
    summary,
  });

export const jobRemoval = (summary: string) =>
  proxyActivities<RemovalActivities>({
    taskQueue: queues.cleanup,
    startToCloseTimeout: '2h',
    heartbeatTimeout,
    retry,
    summary,
  });

/** Of a runner that has ended, or whose task was lost. */
export const lastLines = (summary: string) =>
  proxyActivities<Pick<RunnerActivities, 'followRunner' | 'drainLogs'>>({
    taskQueue: queues.runner,
    startToCloseTimeout: '10m',
    ...watchedFewTimes,
    summary,
  });
