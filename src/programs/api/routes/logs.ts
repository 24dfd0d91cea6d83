import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { requireFound } from '../../../model/require-found.ts';
import { checkLogFilter } from '../../../services/logs/check-filter.ts';
import { readLogs } from '../../../services/logs/read.ts';
import { requireLogsRetained } from '../../../services/logs/require-logs-retained.ts';
import { createTaskWatcher } from '../../../services/tasks/task-watcher.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { idParam, problemResponses } from '../schemas/common-schemas.ts';
import { logPage, logQuery, logRequest, maxEventItems } from '../schemas/log-schemas.ts';
import { streamLog } from './log-stream.ts';

const taskLogQuery = logQuery.extend({
  step: z.string().min(1).max(100).optional(),
  source: z.string().min(1).max(200).optional(),
  pod: z.string().min(1).max(253).optional(),
  text: z.string().min(1).max(1000).optional(),
  ignoreCase: z.enum(['true', 'false']).optional(),
  attempt: z.coerce.number().int().min(1).optional(),
});

const read = createRoute({
  method: 'get',
  path: '/tasks/{id}/logs',
  operationId: 'readTaskLog',
  summary: 'Read the log of a task',
  description:
    'Returns a page; pass `nextCursor` as `after` for the next one. `ended`: no more lines are stored at the moment. ' +
    'With Accept: text/event-stream, streams the log live: each event is a JSON array of log items, with an id to resume ' +
    'from (Last-Event-ID). The event `end` means that the task is settled and the log is complete.',
  tags: ['tasks'],
  request: {
    params: idParam,
    query: taskLogQuery,
    headers: logRequest,
  },
  responses: {
    200: logPage,
    ...problemResponses('invalid_request', 'not_found', 'gone'),
  },
});

export function logsApi({ store, log, pollIntervalMs }: ApiParts): Api {
  const { tasks, logs } = store;
  const watcher = createTaskWatcher({ tasks: { get: tasks.summary }, logs, log }, pollIntervalMs);
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(read, async (c) => {
    const { id: taskId } = c.req.valid('param');
    const { limit, after, text, ignoreCase, ...streams } = c.req.valid('query');
    const filter = { ...streams, ...(text !== undefined && { search: { text, ignoreCase: ignoreCase === 'true' } }) };
    const { accept, 'last-event-id': lastEventId } = c.req.valid('header');
    await checkLogFilter(
      store,
      requireLogsRetained(requireFound(await tasks.summary(taskId), `task ${taskId}`), 'task'),
      filter,
    );
    if (!accept?.includes('text/event-stream')) {
      return c.json(await readLogs(logs, { taskId, filter, after, limit }), 200);
    }
    const request = { taskId, filter, after: lastEventId ?? after, limit: maxEventItems };
    // Reports an invalid cursor before the stream begins.
    await readLogs(logs, { ...request, limit: 1 });
    return streamLog(c, { logs, watcher, log }, request);
  });
  return api;
}
