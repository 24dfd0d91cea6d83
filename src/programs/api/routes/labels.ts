import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { changeLabel } from '../../../services/plugins/change-label.ts';
import { listLabels } from '../../../services/plugins/list-labels.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { labelSchema, pluginName } from '../schemas/plugin-schemas.ts';
import { json, problems } from '../schemas/schemas.ts';

const done = { 204: { description: 'Done, also when it was so already' }, ...problems };
const path = '/plugins/{name}/labels/{label}';
const tags = ['plugins'];

const list = createRoute({
  method: 'get',
  path: '/labels',
  summary: 'List all labels with the plugins that have them',
  tags,
  responses: {
    200: json(
      z.object({ items: z.array(z.object({ label: z.string(), plugins: z.array(z.string()) })) }),
      'All of them, in order',
    ),
    ...problems,
  },
});
const add = createRoute({
  method: 'put',
  path,
  summary: 'Give a label to all versions of a plugin',
  tags,
  request: { params: z.object({ name: pluginName, label: labelSchema }) },
  responses: done,
});
const remove = createRoute({
  method: 'delete',
  path,
  summary: 'Take a label from all versions of a plugin, also one that it brings itself',
  tags,
  request: { params: z.object({ name: pluginName, label: z.string().min(1).max(200) }) },
  responses: done,
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
