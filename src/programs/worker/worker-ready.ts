import { hostname } from 'node:os';
import type { Client } from '@temporalio/client';
import { connectClient } from '../../adapters/temporal/connect.ts';
import { queues } from '../../model/queues.ts';
import { readConfig, requireServers } from '../config.ts';
import { formatError } from '../process/main.ts';

// Readiness probe of containers: exits with 0 when the worker of this host polls Temporal, else with 1.
try {
  const config = readConfig(process.env);
  const temporal = await connectClient(config, requireServers(config).temporalAddress);
  const found = await Promise.all(Object.values(queues).map((queue) => pollersOf(temporal, queue)));
  await temporal.connection.close();
  if (!found.flat().some((identity) => identity.endsWith(`@${hostname()}`))) {
    throw new Error(`no worker of ${hostname()} polls Temporal`);
  }
} catch (error) {
  console.error(formatError(error));
  process.exitCode = 1;
}

/** Returns the workers that polled the queue in the last five minutes, as `<process id>@<host>` (the SDK's default identity). */
async function pollersOf({ workflowService, options }: Client, name: string): Promise<string[]> {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name },
    // TASK_QUEUE_TYPE_ACTIVITY: every queue has activities.
    taskQueueType: 2,
  });
  return (pollers ?? []).map(({ identity }) => identity ?? '');
}
