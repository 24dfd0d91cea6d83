import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { requireFound } from '../../../model/require-found.ts';
import { compareRevisions } from '../../../services/flows/compare-revisions.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { idParam, jsonResponse, problemResponses } from '../schemas/common-schemas.ts';
import { comparisonSchema, revisionSchema, revisionSummarySchema } from '../schemas/flow-schemas.ts';

const number = z.coerce.number().int().min(1).max(1e9);
const tags = ['test flows'];

const list = createRoute({
  method: 'get',
  path: '/testflows/{id}/revisions',
  operationId: 'listTestFlowRevisions',
  summary: 'List the revisions of a test flow, newest first',
  description: 'Returns the revisions without graphs. For a deleted flow, only revisions that tasks ran remain.',
  tags,
  request: { params: idParam },
  responses: {
    200: jsonResponse(z.object({ items: z.array(revisionSummarySchema) }), 'All revisions, without graphs'),
    ...problemResponses('invalid_request', 'not_found'),
  },
});
const get = createRoute({
  method: 'get',
  path: '/testflows/{id}/revisions/{n}',
  operationId: 'getTestFlowRevision',
  summary: 'Get a revision of a test flow',
  description: 'Returns the flow as it was saved in this revision.',
  tags,
  request: { params: idParam.extend({ n: number }) },
  responses: {
    200: jsonResponse(revisionSchema, 'The revision'),
    ...problemResponses('invalid_request', 'not_found'),
  },
});
const compare = createRoute({
  method: 'get',
  path: '/testflows/{id}/compare',
  operationId: 'compareTestFlowRevisions',
  summary: 'Compare two revisions of a test flow',
  description: 'Returns a unified diff of each field that differs.',
  tags,
  request: { params: idParam, query: z.strictObject({ from: number, to: number }) },
  responses: {
    200: jsonResponse(comparisonSchema, 'A unified diff of each field that differs'),
    ...problemResponses('invalid_request', 'not_found', 'too_large'),
  },
});

export function revisionsApi({ store: { flows } }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    const items = await flows.revisions(id);
    requireFound(items[0], `test flow ${id}`);
    return c.json({ items }, 200);
  });
  api.openapi(get, async (c) => {
    const { id, n } = c.req.valid('param');
    return c.json(requireFound(await flows.revision(id, n), `revision ${n} of test flow ${id}`), 200);
  });
  api.openapi(compare, async (c) => {
    const { from, to } = c.req.valid('query');
    return c.json(await compareRevisions(flows, c.req.valid('param').id, from, to), 200);
  });
  return api;
}
