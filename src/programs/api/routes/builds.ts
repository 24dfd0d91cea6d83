import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { buildStates } from '../../../model/build.ts';
import { found } from '../../../model/found.ts';
import { kept } from '../../../services/logs/kept.ts';
import { readLogs } from '../../../services/logs/read.ts';
import { createTaskWatcher } from '../../../services/tasks/task-watcher.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { faultSchema, json, pageOf, pageQuery, problems, time } from '../schemas/common-schemas.ts';
import { eventLimit, logPage, logQuery, logRequest } from '../schemas/log-schemas.ts';
import { streamLog } from './log-stream.ts';

const buildSchema = z
  .object({
    id: z.string(),
    image: z.string(),
    repo: z.string(),
    commit: z.string(),
    state: z.enum(buildStates),
    startedAt: time.optional(),
    finishedAt: time.optional(),
    durationMs: z.number().int().optional(),
    error: faultSchema.optional(),
    digest: z.string().optional(),
    taskIds: z.array(z.string()),
    runId: z.string(),
    logsRemovedAt: time.optional(),
    createdAt: time,
  })
  .openapi('Build');
const idParam = z.object({ id: z.string().min(1).max(500) });
const tags = ['builds'];

const list = createRoute({
  method: 'get',
  path: '/builds',
  operationId: 'listBuilds',
  summary: 'List builds of images, newest first',
  description: 'All, or those in a state.',
  tags,
  request: { query: pageQuery.extend({ state: z.enum(buildStates).optional() }) },
  responses: { 200: json(pageOf(buildSchema), 'A page'), ...problems('invalid_request') },
});
const get = createRoute({
  method: 'get',
  path: '/builds/{id}',
  operationId: 'getBuild',
  summary: 'Get the newest build of an image',
  description: 'An image is built once for all tasks that need it.',
  tags,
  request: { params: idParam },
  responses: {
    200: json(buildSchema.extend({ links: z.object({ self: z.string(), logs: z.string() }) }), 'The build'),
    ...problems('invalid_request', 'not_found'),
  },
});
const read = createRoute({
  method: 'get',
  path: '/builds/{id}/logs',
  operationId: 'readBuildLog',
  summary: 'Read the log of the builds of an image',
  description: 'By page or live, as the log of a task.',
  tags,
  request: { params: idParam, query: logQuery, headers: logRequest },
  responses: { 200: logPage, ...problems('invalid_request', 'not_found', 'gone') },
});

export function buildsApi({ store, log, pollEvery }: ApiParts): Api {
  const { builds, logs } = store;
  const watcher = createTaskWatcher({ tasks: builds, logs, log }, pollEvery);
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(list, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    return c.json(await builds.list(filter, { limit, cursor }), 200);
  });
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const build = found(await builds.get(id), `build ${id}`);
    const self = `/api/v1/builds/${encodeURIComponent(id)}`;
    return c.json({ ...build, links: { self, logs: `${self}/logs` } }, 200);
  });
  api.openapi(read, async (c) => {
    const { id: taskId } = c.req.valid('param');
    const { limit, after } = c.req.valid('query');
    const { accept, 'last-event-id': lastEventId } = c.req.valid('header');
    kept(found(await builds.get(taskId), `build ${taskId}`), 'build');
    if (!accept?.includes('text/event-stream')) return c.json(await readLogs(logs, { taskId, after, limit }), 200);
    const request = { taskId, after: lastEventId ?? after, limit: eventLimit };
    // A place that is wrong is answered before the stream begins.
    await readLogs(logs, { ...request, limit: 1 });
    return streamLog(c, { logs, watcher, log }, request);
  });
  return api;
}
