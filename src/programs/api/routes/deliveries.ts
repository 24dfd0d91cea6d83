import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { githubWebhooks } from '../../../adapters/github/webhook-reader.ts';
import { deliveryStates } from '../../../model/delivery.ts';
import { requireFound } from '../../../model/require-found.ts';
import { dryRun, dryRunRange } from '../../../services/deliveries/dry-run.ts';
import { replay } from '../../../services/deliveries/replay.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { emptyBody, optionalJson } from '../middleware/optional-body.ts';
import { bodyCodes, idParam, jsonResponse, pageOf, pageQuery, problemResponses } from '../schemas/common-schemas.ts';
import { deliverySchema, dryRunSchema } from '../schemas/delivery-schemas.ts';
import { receivedSchema } from './webhooks.ts';

const since = z.iso.datetime({ offset: true }).optional();
const listQuery = pageQuery.extend({
  state: z.enum(deliveryStates).optional(),
  repo: z.string().min(1).max(500).optional(),
  since,
});
const replayQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') });
const rangeSchema = z.strictObject({
  since,
  until: since,
  limit: z.number().int().min(1).max(500).default(100),
});
const tags = ['webhooks'];

const list = createRoute({
  method: 'get',
  path: '/deliveries',
  operationId: 'listDeliveries',
  summary: 'List webhook deliveries, newest first',
  description: 'Returns each delivery with its result for every job with rules for events.',
  tags,
  request: { query: listQuery },
  responses: { 200: jsonResponse(pageOf(deliverySchema), 'A page'), ...problemResponses('invalid_request') },
});
const get = createRoute({
  method: 'get',
  path: '/deliveries/{id}',
  operationId: 'getDelivery',
  summary: 'Get a webhook delivery',
  description: 'Returns the delivery with the tasks that it started, and the reason of every rule that did not match.',
  tags,
  request: { params: idParam },
  responses: { 200: jsonResponse(deliverySchema, 'The delivery'), ...problemResponses('invalid_request', 'not_found') },
});
const replayRoute = createRoute({
  method: 'post',
  path: '/deliveries/{id}/replay',
  operationId: 'replayDelivery',
  summary: 'Replay a webhook delivery',
  description:
    'Dispatches the delivery again as a new one, with the current rules. With dryRun=true, only returns what that would start.',
  tags,
  request: { params: idParam, query: replayQuery },
  responses: {
    200: jsonResponse(dryRunSchema, 'Dry run: the result with the current rules'),
    202: jsonResponse(receivedSchema, 'Accepted: the new delivery'),
    ...problemResponses('invalid_request', 'unsupported_media_type', 'not_found', 'conflict'),
  },
});
const range = createRoute({
  method: 'post',
  path: '/deliveries/dry-run',
  operationId: 'dryRunDeliveries',
  summary: 'Dry-run the current rules against past deliveries',
  description:
    'Returns the deliveries of a time range, newest first, with the jobs that each would start. Starts nothing.',
  tags,
  request: { body: optionalJson(rangeSchema) },
  responses: {
    200: jsonResponse(
      z.object({ items: z.array(dryRunSchema), hasMore: z.boolean() }),
      'Each delivery with the jobs that it would start; `hasMore`: more deliveries than the limit',
    ),
    ...problemResponses(...bodyCodes),
  },
});

export function deliveriesApi({ store, dispatcher }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.use('/deliveries/dry-run', emptyBody);
  const { deliveries } = store;
  const readers = { ...store, webhooks: githubWebhooks };
  api.openapi(list, async (c) => {
    const { limit, cursor, since: from, ...filter } = c.req.valid('query');
    return c.json(await deliveries.list({ ...filter, ...dateField('since', from) }, { limit, cursor }), 200);
  });
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(requireFound(await deliveries.get(id), `delivery ${id}`), 200);
  });
  api.openapi(replayRoute, async (c) => {
    const { id } = c.req.valid('param');
    if (c.req.valid('query').dryRun === 'true') return c.json(await dryRun(readers, id), 200);
    return c.json(await replay({ ...readers, dispatcher }, id, c.get('user')), 202);
  });
  api.openapi(range, async (c) => {
    const { since: from, until, limit } = rangeSchema.parse(c.req.valid('json'));
    return c.json(
      await dryRunRange(readers, { ...dateField('since', from), ...dateField('until', until), limit }),
      200,
    );
  });
  return api;
}

function dateField<K extends string>(name: K, text: string | undefined): { [name in K]?: Date } {
  return (text === undefined ? {} : { [name]: new Date(text) }) as { [name in K]?: Date };
}
