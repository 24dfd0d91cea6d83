import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { buildStates } from '../../../model/build.ts';
import { requireFound } from '../../../model/require-found.ts';
import { readLogs } from '../../../services/logs/read.ts';
import { requireLogsRetained } from '../../../services/logs/require-logs-retained.ts';
import { createTaskWatcher } from '../../../services/tasks/task-watcher.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import {
  faultSchema,
  jsonResponse,
  pageOf,
  pageQuery,
  problemResponses,
  timestampSchema,
} from '../schemas/common-schemas.ts';
import { logPage, logQuery, logRequest, maxEventItems } from '../schemas/log-schemas.ts';
import { streamLog } from './log-stream.ts';

const buildSchema = z
  .object({
    id: z.string(),
    image: z.string(),
    repo: z.string(),
    commit: z.string(),
    state: z.enum(buildStates),
    startedAt: timestampSchema.optional(),
    finishedAt: timestampSchema.optional(),
    durationMs: z.number().int().optional(),
    error: faultSchema.optional(),
    digest: z.string().optional(),
    taskIds: z.array(z.string()),
    runId: z.string(),
    logsRemovedAt: timestampSchema.optional(),
    createdAt: timestampSchema,
  })
  .openapi('Build');
const idParam = z.object({ id: z.string().min(1).max(500) });
const tags = ['builds'];

const list = createRoute({
  method: 'get',
  path: '/builds',
  operationId: 'listBuilds',
  summary: 'List image builds, newest first',
  description: 'Returns all builds, or those in a state.',
  tags,
  request: { query: pageQuery.extend({ state: z.enum(buildStates).optional() }) },
  responses: { 200: jsonResponse(pageOf(buildSchema), 'A page'), ...problemResponses('invalid_request') },
});
const get = createRoute({
  method: 'get',
  path: '/builds/{id}',
  operationId: 'getBuild',
  summary: 'Get the newest build of an image',
  description: 'Each image is built once for all tasks that need it.',
  tags,
  request: { params: idParam },
  responses: {
    200: jsonResponse(buildSchema.extend({ links: z.object({ self: z.string(), logs: z.string() }) }), 'The build'),
    ...problemResponses('invalid_request', 'not_found'),
  },
});
const read = createRoute({
  method: 'get',
  path: '/builds/{id}/logs',
  operationId: 'readBuildLog',
  summary: 'Read the log of the builds of an image',
  description: 'Returns a page or the live stream, as for the log of a task.',
  tags,
  request: { params: idParam, query: logQuery, headers: logRequest },
  responses: { 200: logPage, ...problemResponses('invalid_request', 'not_found', 'gone') },
});

export function buildsApi({ store, log, pollIntervalMs }: ApiParts): Api {
  const { builds, logs } = store;
  const watcher = createTaskWatcher({ tasks: builds, logs, log }, pollIntervalMs);
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(list, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    return c.json(await builds.list(filter, { limit, cursor }), 200);
  });
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const build = requireFound(await builds.get(id), `build ${id}`);
    const self = `/api/v1/builds/${encodeURIComponent(id)}`;
    return c.json({ ...build, links: { self, logs: `${self}/logs` } }, 200);
  });
  api.openapi(read, async (c) => {
    const { id: taskId } = c.req.valid('param');
    const { limit, after } = c.req.valid('query');
    const { accept, 'last-event-id': lastEventId } = c.req.valid('header');
    requireLogsRetained(requireFound(await builds.get(taskId), `build ${taskId}`), 'build');
    if (!accept?.includes('text/event-stream')) return c.json(await readLogs(logs, { taskId, after, limit }), 200);
    const request = { taskId, after: lastEventId ?? after, limit: maxEventItems };
    // Reports an invalid cursor before the stream begins.
    await readLogs(logs, { ...request, limit: 1 });
    return streamLog(c, { logs, watcher, log }, request);
  });
  return api;
}
