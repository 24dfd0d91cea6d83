import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { toTemporalFailure } from '../../adapters/temporal/failures.ts';
import { lookQueue, type QueueName, queues } from '../../model/queues.ts';

export interface WorkersOptions {
  connection: NativeConnection;
  namespace: string;
  queues: readonly QueueName[];
  /** Activities by the queue that they run on. */
  activities: Record<QueueName, object>;
  buildSlots: number;
  /** Path of the bundled workflows. */
  bundle: string;
}

export interface Workers {
  /** Settles when all workers have ended: after `stop`, or with the error that ended one. */
  done: Promise<void>;
  /** Asks the workers to end and waits until they have; what ended them otherwise is told by `done` alone. */
  stop(): Promise<void>;
}

/** Quick looks at once; a first one clones a repository. */
const looksAtOnce = 8;

/** Runs one Temporal worker a queue in this process, and one for the looks beside that of the build slots. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const workers = await Promise.all([
    ...options.queues.map((name) => Worker.create(workerOptions(name, options))),
    ...(options.queues.includes('build') ? [Worker.create(lookOptions(options))] : []),
  ]);
  const end = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run().finally(end));
  const ended = Promise.allSettled(runs);
  const done = Promise.all(runs).then(() => undefined);
  // Who stops the workers need not listen to `done`.
  done.catch(() => undefined);
  return {
    done,
    async stop() {
      end();
      await ended;
    },
  };
}

function lookOptions(options: WorkersOptions): WorkerOptions {
  const builds = workerOptions('build', options);
  return { ...builds, taskQueue: lookQueue, maxConcurrentActivityTaskExecutions: looksAtOnce };
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
    // A cancellation comes back with a heartbeat, so this is how long a stop takes to arrive.
    maxHeartbeatThrottleInterval: '1s',
    // Without a force time a stuck activity would keep the process from ending.
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
