import type { Client } from '@temporalio/client';
import type { Backlog } from '../../model/ports/orchestrator.ts';
import { lookupQueue, queues } from '../../model/queues.ts';

// TaskQueueType of temporal/api/enums/v1/task_queue.proto
const types = { workflow: 1, activity: 2 } as const;

/** Returns the backlog of each task queue as estimated by the server. Throws when the server does not answer in time. */
export async function readBacklogs(client: Client, timeoutMs: number): Promise<Backlog[]> {
  const { namespace } = client.options;
  const requests = [
    { queue: queues.control, type: 'workflow' as const },
    ...[...Object.values(queues), lookupQueue].map((queue) => ({ queue, type: 'activity' as const })),
  ];
  return client.withDeadline(Date.now() + timeoutMs, () =>
    Promise.all(
      requests.map(async ({ queue, type }) => {
        const { stats } = await client.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: queue },
          taskQueueType: types[type],
          reportStats: true,
        });
        return { queue, type, count: Number(stats?.approximateBacklogCount ?? 0) };
      }),
    ),
  );
}
