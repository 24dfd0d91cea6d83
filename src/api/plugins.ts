import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { found } from '../model/found.ts';
import { pluginDefSchema, pluginForms } from '../model/plugin.ts';
import type { Api, ApiEnv, ApiParts } from './env.ts';
import { json, problems } from './schemas.ts';

const pluginSchema = pluginDefSchema
  .extend({ form: z.enum(pluginForms), file: z.string().optional(), checksum: z.string().optional() })
  .openapi('Plugin');
const name = z.string().min(1).max(63);
const tags = ['plugins'];

const list = createRoute({
  method: 'get',
  path: '/plugins',
  summary: 'List every version of every plugin, by name and then newest first',
  tags,
  responses: { 200: json(z.object({ items: z.array(pluginSchema) }), 'All of them'), ...problems },
});
const versions = createRoute({
  method: 'get',
  path: '/plugins/{name}',
  summary: 'Get all versions of a plugin, newest first',
  tags,
  request: { params: z.object({ name }) },
  responses: { 200: json(z.object({ name, versions: z.array(pluginSchema) }), 'The plugin'), ...problems },
});
const get = createRoute({
  method: 'get',
  path: '/plugins/{name}/{version}',
  summary: 'Get one version of a plugin',
  tags,
  request: { params: z.object({ name, version: z.string().min(1).max(50) }) },
  responses: { 200: json(pluginSchema, 'The version'), ...problems },
});

export function pluginsApi({ store }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(list, async (c) => c.json({ items: await store.plugins.list() }, 200));
  api.openapi(versions, async (c) => {
    const { name } = c.req.valid('param');
    const all = (await store.plugins.list()).filter((plugin) => plugin.name === name);
    found(all[0], `plugin ${name}`);
    return c.json({ name, versions: all }, 200);
  });
  api.openapi(get, async (c) => {
    const { name, version } = c.req.valid('param');
    return c.json(found(await store.plugins.get(name, version), `plugin ${name} ${version}`), 200);
  });
  return api;
}
