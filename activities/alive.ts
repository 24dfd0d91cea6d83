import { Context } from '@temporalio/activity';

/** Milliseconds between heartbeats: a tenth of the timeout, so that a cancellation is seen within about a second. */
const beat = 1000;

/** Runs an activity's work with a heartbeat beside it, which also carries cancellation to the context's signal. */
export async function alive<T>(work: (context: Context) => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), beat);
  try {
    return await work(context);
  } finally {
    clearInterval(timer);
  }
}
