import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';

/** Deliveries that are looked at together. */
const batch = 200;

/**
 * Removes deliveries that were received before, unless they wait for their dispatch or a task on record was started by
 * them. GitHub sends one again for three days at most, so that none is taken for a new one.
 */
export async function removeExpiredDeliveries(
  { deliveries, tasks }: { deliveries: DeliveryStore; tasks: TaskStore },
  before: Date,
  signal: AbortSignal,
): Promise<void> {
  let cursor: string | undefined;
  do {
    signal.throwIfAborted();
    const page = await deliveries.list({ before }, { limit: batch, cursor });
    const started = page.items.map(({ matches }) => matches.flatMap(({ taskId }) => taskId ?? []));
    const known = await tasks.known(started.flat());
    const unused = page.items.filter(
      ({ state }, index) => state !== 'received' && !started[index]?.some((taskId) => known.has(taskId)),
    );
    await deliveries.delete(unused.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
