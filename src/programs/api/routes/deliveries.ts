import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { githubWebhooks } from '../../../adapters/github/webhook-reader.ts';
import { deliveryStates } from '../../../model/delivery.ts';
import { found } from '../../../model/found.ts';
import { dryRun, dryRunRange } from '../../../services/deliveries/dry-run.ts';
import { replay } from '../../../services/deliveries/replay.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { emptyBody, optionalJson } from '../middleware/optional-body.ts';
import { badBody, idParam, json, pageOf, pageQuery, problems } from '../schemas/common-schemas.ts';
import { deliverySchema, dryRunSchema } from '../schemas/delivery-schemas.ts';
import { receivedSchema } from './webhooks.ts';

const since = z.iso.datetime({ offset: true }).optional();
const listQuery = pageQuery.extend({
  state: z.enum(deliveryStates).optional(),
  repo: z.string().min(1).max(500).optional(),
  since: since,
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
  description: 'Each with what it meant to every job that listens for events.',
  tags,
  request: { query: listQuery },
  responses: { 200: json(pageOf(deliverySchema), 'A page'), ...problems('invalid_request') },
});
const get = createRoute({
  method: 'get',
  path: '/deliveries/{id}',
  operationId: 'getDelivery',
  summary: 'Get a webhook delivery',
  description: 'With the tasks that it started, and the reason of every rule that did not match.',
  tags,
  request: { params: idParam },
  responses: { 200: json(deliverySchema, 'The delivery'), ...problems('invalid_request', 'not_found') },
});
const again = createRoute({
  method: 'post',
  path: '/deliveries/{id}/replay',
  operationId: 'replayDelivery',
  summary: 'Replay a webhook delivery',
  description:
    'Dispatches it again as a new delivery, by the rules of now. With dryRun=true, only answers what that would start.',
  tags,
  request: { params: idParam, query: replayQuery },
  responses: {
    200: json(dryRunSchema, 'Dry run: what the rules of now would do'),
    202: json(receivedSchema, 'Accepted: the new delivery'),
    ...problems('invalid_request', 'unsupported_media_type', 'not_found', 'conflict'),
  },
});
const range = createRoute({
  method: 'post',
  path: '/deliveries/dry-run',
  operationId: 'dryRunDeliveries',
  summary: 'Dry-run the rules of now over past deliveries',
  description: 'The deliveries of a time range, newest first, each with the jobs that it would start. Starts nothing.',
  tags,
  request: { body: optionalJson(rangeSchema) },
  responses: {
    200: json(
      z.object({ items: z.array(dryRunSchema), hasMore: z.boolean() }),
      'Each delivery with the jobs that would start; `hasMore`: the limit cut some off',
    ),
    ...problems(...badBody),
  },
});

export function deliveriesApi({ store, dispatcher }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.use('/deliveries/dry-run', emptyBody);
  const { deliveries } = store;
  const readers = { ...store, webhooks: githubWebhooks };
  api.openapi(list, async (c) => {
    const { limit, cursor, since: from, ...filter } = c.req.valid('query');
    return c.json(await deliveries.list({ ...filter, ...at('since', from) }, { limit, cursor }), 200);
  });
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(found(await deliveries.get(id), `delivery ${id}`), 200);
  });
  api.openapi(again, async (c) => {
    const { id } = c.req.valid('param');
    if (c.req.valid('query').dryRun === 'true') return c.json(await dryRun(readers, id), 200);
    return c.json(await replay({ ...readers, dispatcher }, id, c.get('user')), 202);
  });
  api.openapi(range, async (c) => {
    const { since: from, until, limit } = rangeSchema.parse(c.req.valid('json'));
    return c.json(await dryRunRange(readers, { ...at('since', from), ...at('until', until), limit }), 200);
  });
  return api;
}

function at<K extends string>(name: K, text: string | undefined): { [name in K]?: Date } {
  return (text === undefined ? {} : { [name]: new Date(text) }) as { [name in K]?: Date };
}
