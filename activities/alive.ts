import { Context } from '@temporalio/activity';

/** Milliseconds between heartbeats: a tenth of the timeout, so that a cancellation is seen within about a second. */
const beat = 1000;

/**
 * Runs an activity's work with a heartbeat beside it, which also carries cancellation to the context's signal, and to
 * Temporal's Web UI the `details`, if there are any.
 */
export async function alive<T>(work: (context: Context) => Promise<T>, details?: () => unknown): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details?.()), beat);
  try {
    return await work(context);
  } finally {
    clearInterval(timer);
  }
}
