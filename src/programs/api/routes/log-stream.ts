import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { LogRequest } from '../../../services/logs/read.ts';
import { type FollowPorts, followLog } from '../../../services/tasks/follow-log.ts';
import type { ApiEnv } from '../env.ts';

/** Milliseconds between two comments that keep proxies from closing a quiet stream. */
const pingEvery = 15_000;

/**
 * Sends a task's log as server-sent events, a page an event: what has an id is complete, so that resuming behind it neither
 * loses nor repeats a line. When it cannot go on it closes without `end`, and the client asks again from its last id.
 */
export function streamLog(c: Context<ApiEnv>, ports: FollowPorts, request: LogRequest): Response {
  const requestId = c.get('requestId');
  return streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    let pinging = false;
    const pings = setInterval(async () => {
      if (pinging) return;
      pinging = true;
      await stream.write(': ping\n\n');
      pinging = false;
    }, pingEvery);
    try {
      for await (const { items, nextCursor } of followLog(ports, request, gone.signal)) {
        await stream.writeSSE({ id: nextCursor, data: JSON.stringify(items) });
      }
      if (!gone.signal.aborted) await stream.writeSSE({ event: 'end', data: '{}' });
    } catch (error) {
      // Nobody listens any more, so that nothing broke off.
      if (!gone.signal.aborted)
        ports.log.error({ requestId, task: request.taskId, err: error }, 'a live log broke off');
    } finally {
      clearInterval(pings);
    }
  });
}
