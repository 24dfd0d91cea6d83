import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { LogRequest } from '../../../services/logs/read.ts';
import { type StreamLogPorts, streamLogPages } from '../../../services/tasks/stream-log-pages.ts';
import type { ApiEnv } from '../env.ts';

/** Comments keep proxies from closing an idle stream. */
const pingIntervalMs = 15_000;

/**
 * Streams the log of a task as server-sent events, one page per event. The id is the cursor after the page, so resuming from
 * it neither loses nor repeats a line. After an error the stream closes without `end`, and the client reconnects.
 */
export function streamLog(c: Context<ApiEnv>, ports: StreamLogPorts, request: LogRequest): Response {
  const requestId = c.get('requestId');
  return streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    let isPinging = false;
    const pings = setInterval(async () => {
      if (isPinging) return;
      isPinging = true;
      await stream.write(': ping\n\n');
      isPinging = false;
    }, pingIntervalMs);
    try {
      for await (const { items, nextCursor } of streamLogPages(ports, request, gone.signal)) {
        await stream.writeSSE({ id: nextCursor, data: JSON.stringify(items) });
      }
      if (!gone.signal.aborted) await stream.writeSSE({ event: 'end', data: '{}' });
    } catch (error) {
      // After the client has left, an error does not matter.
      if (!gone.signal.aborted)
        ports.log.error({ requestId, taskId: request.taskId, err: error }, 'live log stream failed');
    } finally {
      clearInterval(pings);
    }
  });
}
