import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { type Bisect, bisectStates, bisectVerdicts } from '../../../model/bisect.ts';
import { outcomes } from '../../../model/outcome.ts';
import { requireFound } from '../../../model/require-found.ts';
import { startBisect } from '../../../services/bisects/start-bisect.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import {
  bodyCodes,
  faultSchema,
  idParam,
  jsonResponse,
  keyHeader,
  pageOf,
  pageQuery,
  problemResponses,
} from '../schemas/common-schemas.ts';

const bisectSchema = z
  .object({
    id: z.string(),
    jobId: z.string(),
    state: z.enum(bisectStates),
    good: z.string(),
    bad: z.string(),
    component: z.string(),
    repo: z.string(),
    goodCommit: z.string(),
    badCommit: z.string(),
    commitCount: z.number().int().optional(),
    runs: z.array(
      z
        .object({
          commit: z.string(),
          taskId: z.string(),
          verdict: z.enum(bisectVerdicts).optional(),
          outcome: z.enum(outcomes).optional(),
        })
        .openapi('BisectRun'),
    ),
    firstBadCommit: z.object({ sha: z.string(), author: z.string(), at: z.string(), subject: z.string() }).optional(),
    suspects: z.array(z.string()).optional(),
    error: faultSchema.optional(),
    by: z.string(),
    requestedAt: z.string(),
    finishedAt: z.string().optional(),
  })
  .openapi('Bisect');
const taskId = z.string().min(1).max(200);
const startSchema = z
  .strictObject({ good: taskId, bad: taskId, component: z.string().min(1).max(100).optional() })
  .openapi('StartBisect');
const tags = ['bisects'];

const start = createRoute({
  method: 'post',
  path: '/jobs/{id}/bisect',
  operationId: 'startBisect',
  summary: 'Bisect a regression',
  description:
    'Searches the commit of a component that broke the test of a job, between a task that succeeded and a task that failed.',
  tags,
  request: {
    params: idParam,
    headers: keyHeader,
    body: { required: true, content: { 'application/json': { schema: startSchema } } },
  },
  responses: {
    202: jsonResponse(
      z.object({ bisectId: z.string(), workflowId: z.string() }),
      'Accepted: the bisect and its workflow',
    ),
    ...problemResponses(...bodyCodes, 'not_found', 'conflict', 'input_invalid'),
  },
});
const list = createRoute({
  method: 'get',
  path: '/bisects',
  operationId: 'listBisects',
  summary: 'List bisects, newest first',
  description: 'Returns all bisects, or those of a job.',
  tags,
  request: { query: pageQuery.extend({ jobId: taskId.optional() }) },
  responses: { 200: jsonResponse(pageOf(bisectSchema), 'A page'), ...problemResponses('invalid_request') },
});
const get = createRoute({
  method: 'get',
  path: '/bisects/{id}',
  operationId: 'getBisect',
  summary: 'Get a bisect',
  description: 'Returns the bisect with its tasks, and the first bad commit once it is found.',
  tags,
  request: { params: idParam },
  responses: { 200: jsonResponse(bisectSchema, 'The bisect'), ...problemResponses('invalid_request', 'not_found') },
});
const stop = createRoute({
  method: 'post',
  path: '/bisects/{id}/stop',
  operationId: 'stopBisect',
  summary: 'Stop a bisect',
  description: 'Also stops the task that the bisect waits for.',
  tags,
  request: { params: idParam },
  responses: {
    202: jsonResponse(z.object({ bisectId: z.string() }), 'Accepted'),
    ...problemResponses('invalid_request', 'unsupported_media_type', 'not_found', 'conflict'),
  },
});

export function bisectsApi({ store, bisectWorkflows }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(start, async (c) => {
    const request = { ...c.req.valid('json'), by: c.get('user'), key: c.req.valid('header')['idempotency-key'] };
    const started = await startBisect({ ...store, bisectWorkflows }, c.req.valid('param').id, request);
    c.header('Location', `/api/v1/bisects/${started.bisectId}`);
    return c.json(started, 202);
  });
  api.openapi(list, async (c) => {
    const { limit, cursor, jobId } = c.req.valid('query');
    const { items, ...page } = await store.bisects.list({ jobId }, { limit, cursor });
    return c.json({ items: items.map(showBisect), ...page }, 200);
  });
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(showBisect(requireFound(await store.bisects.get(id), `bisect ${id}`)), 200);
  });
  api.openapi(stop, async (c) => {
    const { id } = c.req.valid('param');
    await bisectWorkflows.stop(id);
    return c.json({ bisectId: id }, 202);
  });
  return api;
}

/** Converts a bisect for a response; the record and the workflow have other field names. */
function showBisect({ first, commits, ...bisect }: Bisect) {
  return {
    ...bisect,
    commitCount: commits,
    firstBadCommit: first,
  };
}
