import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { toTemporalFailure } from '../../adapters/temporal/failures.ts';
import { lookupQueue, type QueueName, queues } from '../../model/queues.ts';

export interface WorkersOptions {
  connection: NativeConnection;
  namespace: string;
  queues: readonly QueueName[];
  /** Activities by queue. */
  activities: Record<QueueName, object>;
  buildSlots: number;
  /** Path of the workflow bundle. */
  bundle: string;
}

export interface Workers {
  /** Settles when all workers have ended: after `stop`, or with the error of the first that failed. */
  done: Promise<void>;
  /** Shuts the workers down and waits until they have ended. Never rejects: errors are reported by `done`. */
  stop(): Promise<void>;
}

/** Most lookups are quick; the first of a repository clones it. */
const maxConcurrentLookups = 8;

/** Runs one Temporal worker per queue in this process, and one for lookups beside the worker of the build slots. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const workers = await Promise.all([
    ...options.queues.map((name) => Worker.create(workerOptions(name, options))),
    ...(options.queues.includes('build') ? [Worker.create(lookupOptions(options))] : []),
  ]);
  const end = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run().finally(end));
  const ended = Promise.allSettled(runs);
  const done = Promise.all(runs).then(() => undefined);
  // Listening to the rejection is optional.
  done.catch(() => undefined);
  return {
    done,
    async stop() {
      end();
      await ended;
    },
  };
}

function lookupOptions(options: WorkersOptions): WorkerOptions {
  const builds = workerOptions('build', options);
  return { ...builds, taskQueue: lookupQueue, maxConcurrentActivityTaskExecutions: maxConcurrentLookups };
}

function workerOptions(name: QueueName, options: WorkersOptions): WorkerOptions {
  const { connection, namespace, activities, buildSlots, bundle } = options;
  return {
    connection,
    namespace,
    taskQueue: queues[name],
    activities: activities[name],
    // Only the control queue runs workflows.
    ...(name === 'control' && { workflowBundle: { codePath: bundle } }),
    ...(name === 'build' && { maxConcurrentActivityTaskExecutions: buildSlots }),
    // A cancellation arrives with the response to a heartbeat, so this bounds the delay of a stop.
    maxHeartbeatThrottleInterval: '1s',
    // Otherwise a stuck activity would keep the process from ending.
    shutdownForceTime: '20s',
    interceptors: {
      activity: [
        () => ({
          inbound: {
            async execute(input, next) {
              try {
                return await next(input);
              } catch (error) {
                throw toTemporalFailure(error);
              }
            },
          },
        }),
      ],
    },
  };
}
