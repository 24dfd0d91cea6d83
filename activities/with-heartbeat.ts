import { Context } from '@temporalio/activity';

/** A tenth of the heartbeat timeout, so that a cancellation is seen within about a second. */
const heartbeatIntervalMs = 1000;

/**
 * Runs the work of an activity with regular heartbeats, which also deliver a cancellation to the signal of the context,
 * and show `details` in Temporal's Web UI.
 */
export async function withHeartbeat<T>(work: (context: Context) => Promise<T>, details?: () => unknown): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details?.()), heartbeatIntervalMs);
  try {
    return await work(context);
  } finally {
    clearInterval(timer);
  }
}
