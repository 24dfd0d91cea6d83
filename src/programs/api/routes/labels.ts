import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { changeLabel } from '../../../services/plugins/change-label.ts';
import { listLabels } from '../../../services/plugins/list-labels.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { jsonResponse, problemResponses } from '../schemas/common-schemas.ts';
import { labelSchema, pluginName } from '../schemas/plugin-schemas.ts';

const done = { 204: { description: 'Done, also if nothing changed' } };
const path = '/plugins/{name}/labels/{label}';
const tags = ['plugins'];

const list = createRoute({
  method: 'get',
  path: '/labels',
  operationId: 'listLabels',
  summary: 'List labels with their plugins',
  description: 'Returns all labels in order.',
  tags,
  responses: {
    200: jsonResponse(
      z.object({ items: z.array(z.object({ label: z.string(), plugins: z.array(z.string()) })) }),
      'All labels in order',
    ),
    ...problemResponses(),
  },
});
const add = createRoute({
  method: 'put',
  path,
  operationId: 'addPluginLabel',
  summary: 'Add a label to a plugin',
  description: 'Adds the label to all versions of the plugin; idempotent.',
  tags,
  request: { params: z.object({ name: pluginName, label: labelSchema }) },
  responses: { ...done, ...problemResponses('invalid_request', 'not_found') },
});
const remove = createRoute({
  method: 'delete',
  path,
  operationId: 'removePluginLabel',
  summary: 'Remove a label from a plugin',
  description: 'Removes the label from all versions of the plugin, including a label that the plugin itself declares.',
  tags,
  request: { params: z.object({ name: pluginName, label: z.string().min(1).max(200) }) },
  responses: { ...done, ...problemResponses('invalid_request', 'not_found') },
});

export function labelsApi({ store }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(list, async (c) => c.json({ items: await listLabels(store) }, 200));
  api.openapi(add, async (c) => {
    const { name, label } = c.req.valid('param');
    await changeLabel(store, 'add', { plugin: name, label });
    return c.body(null, 204);
  });
  api.openapi(remove, async (c) => {
    const { name, label } = c.req.valid('param');
    await changeLabel(store, 'remove', { plugin: name, label });
    return c.body(null, 204);
  });
  return api;
}
