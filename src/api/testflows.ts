import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { checkFlow } from '../flows/check-flow.ts';
import { saveFlow } from '../flows/save-flow.ts';
import { saveFlowSchema } from '../model/flow.ts';
import { found } from '../model/found.ts';
import { pluginTypes } from '../model/plugin.ts';
import type { Api, ApiEnv, ApiParts } from './env.ts';
import { idParam, json, pageOf, pageQuery, problems, time } from './schemas.ts';

const flowSchema = saveFlowSchema
  .extend({ id: z.string(), revision: z.number().int(), createdAt: time, updatedAt: time })
  .openapi('TestFlow');
const planSchema = z.object({
  steps: z.array(
    z.object({ instance: z.string(), plugin: z.string(), version: z.string(), pluginType: z.enum(pluginTypes) }),
  ),
});
const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});
const tags = ['test flows'];

const save = createRoute({
  method: 'post',
  path: '/testflows',
  summary: 'Check and save a new test flow',
  tags,
  request: body(saveFlowSchema),
  responses: { 201: json(flowSchema, 'Saved'), ...problems },
});
const validate = createRoute({
  method: 'post',
  path: '/testflows/validate',
  summary: 'Check a test flow without saving it',
  tags,
  request: body(saveFlowSchema.partial({ name: true })),
  responses: { 200: json(planSchema, 'Its steps with the plugin versions that they would run'), ...problems },
});
const list = createRoute({
  method: 'get',
  path: '/testflows',
  summary: 'List test flows, newest first',
  tags,
  request: { query: pageQuery },
  responses: { 200: json(pageOf(flowSchema.omit({ graph: true })), 'A page, without graphs'), ...problems },
});
const get = createRoute({
  method: 'get',
  path: '/testflows/{id}',
  summary: 'Get a test flow',
  tags,
  request: { params: idParam },
  responses: { 200: json(flowSchema, 'The test flow'), ...problems },
});

export function testFlowsApi({ store }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(save, async (c) => {
    const flow = await saveFlow(store, c.req.valid('json'));
    c.header('Location', `/api/v1/testflows/${flow.id}`);
    return c.json(flow, 201);
  });
  api.openapi(validate, async (c) => {
    const steps = await checkFlow(store, c.req.valid('json'));
    return c.json(
      {
        steps: steps.map(({ step, plugin }) => ({
          instance: step.instance,
          plugin: plugin.name,
          version: plugin.version,
          pluginType: plugin.pluginType,
        })),
      },
      200,
    );
  });
  api.openapi(list, async (c) => c.json(await store.flows.list(c.req.valid('query')), 200));
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(found(await store.flows.get(id), `test flow ${id}`), 200);
  });
  return api;
}
