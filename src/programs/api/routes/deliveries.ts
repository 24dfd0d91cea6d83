import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { deliveryStates } from '../../../model/delivery.ts';
import { found } from '../../../model/found.ts';
import { dryRun, dryRunRange } from '../../../services/deliveries/dry-run.ts';
import { replay } from '../../../services/deliveries/replay.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { emptyBody, optionalJson } from '../middleware/optional-body.ts';
import { deliverySchema, dryRunSchema } from '../schemas/delivery-schemas.ts';
import { idParam, json, pageOf, pageQuery, problems } from '../schemas/schemas.ts';
import { receivedSchema } from './webhooks.ts';

const since = z.iso.datetime({ offset: true }).optional();
const listQuery = pageQuery.extend({
  state: z.enum(deliveryStates).optional(),
  repo: z.string().min(1).max(500).optional().openapi({ description: 'owner/name, or any clone URL of it' }),
  since: since.openapi({ description: 'only deliveries that were received then or later' }),
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
  summary: 'List webhook deliveries, newest first, with what each meant to every event job',
  tags,
  request: { query: listQuery },
  responses: { 200: json(pageOf(deliverySchema), 'A page'), ...problems },
});
const get = createRoute({
  method: 'get',
  path: '/deliveries/{id}',
  summary: 'Get a delivery with its matches, the reason of every non-match, and the tasks that it started',
  tags,
  request: { params: idParam },
  responses: { 200: json(deliverySchema, 'The delivery'), ...problems },
});
const again = createRoute({
  method: 'post',
  path: '/deliveries/{id}/replay',
  summary: 'Dispatch a delivery again, as a new one; with dryRun=true only say what that would start',
  tags,
  request: { params: idParam, query: replayQuery },
  responses: {
    200: json(dryRunSchema, 'Dry run: what the rules of now would do'),
    202: json(receivedSchema, 'Accepted: the new delivery'),
    ...problems,
  },
});
const range = createRoute({
  method: 'post',
  path: '/deliveries/dry-run',
  summary: 'What the rules of now would start for the deliveries of a time, newest first; starts nothing',
  tags,
  request: { body: optionalJson(rangeSchema) },
  responses: {
    200: json(
      z.object({ items: z.array(dryRunSchema), hasMore: z.boolean() }),
      'Each delivery with the jobs that would start; `hasMore`: the limit cut some off',
    ),
    ...problems,
  },
});

export function deliveriesApi({ store, dispatcher }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.use('/deliveries/dry-run', emptyBody);
  const { deliveries } = store;
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
    if (c.req.valid('query').dryRun === 'true') return c.json(await dryRun(store, id), 200);
    return c.json(await replay({ deliveries, dispatcher }, id, c.get('user')), 202);
  });
  api.openapi(range, async (c) => {
    const { since: from, until, limit } = rangeSchema.parse(c.req.valid('json'));
    return c.json(await dryRunRange(store, { ...at('since', from), ...at('until', until), limit }), 200);
  });
  return api;
}

function at<K extends string>(name: K, text: string | undefined): { [name in K]?: Date } {
  return (text === undefined ? {} : { [name]: new Date(text) }) as { [name in K]?: Date };
}
