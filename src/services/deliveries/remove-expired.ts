import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';

/** Deliveries of one page. */
const batchSize = 200;

/**
 * Removes deliveries that were received before a time, except those that wait for their dispatch or started a task that
 * is on record. GitHub redelivers for at most three days, so no redelivery counts as new.
 */
export async function removeExpiredDeliveries(
  { deliveries, tasks }: { deliveries: DeliveryStore; tasks: TaskStore },
  before: Date,
  signal: AbortSignal,
): Promise<void> {
  let cursor: string | undefined;
  do {
    signal.throwIfAborted();
    const page = await deliveries.list({ before }, { limit: batchSize, cursor });
    const started = page.items.map(({ matches }) => matches.flatMap(({ taskId }) => taskId ?? []));
    const known = await tasks.known(started.flat());
    const unused = page.items.filter(
      ({ state }, index) => state !== 'received' && !started[index]?.some((taskId) => known.has(taskId)),
    );
    await deliveries.delete(unused.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
