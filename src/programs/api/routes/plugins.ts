import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { found } from '../../../model/found.ts';
import { pluginTypes } from '../../../model/plugin.ts';
import { deletePlugin } from '../../../services/plugins/delete-plugin.ts';
import { listPlugins } from '../../../services/plugins/list-plugins.ts';
import { loadPlugins } from '../../../services/plugins/load-plugins.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { json, problems } from '../schemas/common-schemas.ts';
import { pluginName, pluginSchema, pluginVersion } from '../schemas/plugin-schemas.ts';

const nameParam = z.object({ name: pluginName });
const versionParam = z.object({ name: pluginName, version: pluginVersion });
const deleted = { 204: { description: 'Deleted' } };
const tags = ['plugins'];

const list = createRoute({
  method: 'get',
  path: '/plugins',
  operationId: 'listPlugins',
  summary: 'List every version of every plugin',
  description: 'By name, then newest first.',
  tags,
  request: {
    query: z.strictObject({
      type: z.enum(pluginTypes).optional(),
      label: z.string().min(1).max(200).optional(),
    }),
  },
  responses: { 200: json(z.object({ items: z.array(pluginSchema) }), 'All of them'), ...problems('invalid_request') },
});
const versions = createRoute({
  method: 'get',
  path: '/plugins/{name}',
  operationId: 'getPlugin',
  summary: 'Get all versions of a plugin, newest first',
  description: 'With the JSON Schemas of their inputs and outputs.',
  tags,
  request: { params: nameParam },
  responses: {
    200: json(
      z.object({ name: z.string(), labels: z.array(z.string()), versions: z.array(pluginSchema) }),
      'The plugin; its labels are those of any version',
    ),
    ...problems('invalid_request', 'not_found'),
  },
});
const get = createRoute({
  method: 'get',
  path: '/plugins/{name}/{version}',
  operationId: 'getPluginVersion',
  summary: 'Get a version of a plugin',
  description: 'With the JSON Schemas of its input and output.',
  tags,
  request: { params: versionParam },
  responses: { 200: json(pluginSchema, 'The version'), ...problems('invalid_request', 'not_found') },
});
const removeAll = createRoute({
  method: 'delete',
  path: '/plugins/{name}',
  operationId: 'deletePlugin',
  summary: 'Delete all versions of a plugin',
  description: 'A plugin that a test flow uses is refused.',
  tags,
  request: { params: nameParam },
  responses: { ...deleted, ...problems('invalid_request', 'not_found', 'conflict') },
});
const remove = createRoute({
  method: 'delete',
  path: '/plugins/{name}/{version}',
  operationId: 'deletePluginVersion',
  summary: 'Delete a version of a plugin',
  description: 'A version that a test flow uses is refused.',
  tags,
  request: { params: versionParam },
  responses: { ...deleted, ...problems('invalid_request', 'not_found', 'conflict') },
});
const rescan = createRoute({
  method: 'post',
  path: '/plugins/rescan',
  operationId: 'rescanPlugins',
  summary: 'Read the plugin store again',
  description: 'As the server does when it starts; for files that were copied into the store.',
  tags,
  responses: {
    200: json(
      z.object({
        builtin: z.number().int(),
        store: z.number().int(),
        problems: z.array(z.object({ file: z.string(), reason: z.string() })),
      }),
      'How many plugins there are now, and which files are none',
    ),
    ...problems('unsupported_media_type'),
  },
});

export function pluginsApi({ store, pluginStore, log }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  const { directory, readInfo } = pluginStore;
  api.openapi(list, async (c) => c.json({ items: await listPlugins(store, c.req.valid('query')) }, 200));
  api.openapi(versions, async (c) => {
    const { name } = c.req.valid('param');
    const all = await listPlugins(store, { name });
    found(all[0], `plugin ${name}`);
    const labels = [...new Set(all.flatMap((plugin) => plugin.labels))].sort();
    return c.json({ name, labels, versions: all }, 200);
  });
  api.openapi(get, async (c) => {
    const { name, version } = c.req.valid('param');
    const plugin = (await listPlugins(store, { name })).find((one) => one.version === version);
    return c.json(found(plugin, `plugin ${name} ${version}`), 200);
  });
  api.openapi(removeAll, async (c) => {
    const { name } = c.req.valid('param');
    await deletePlugin({ ...store, directory }, name);
    log.info({ name, user: c.get('user') }, 'plugin deleted');
    return c.body(null, 204);
  });
  api.openapi(remove, async (c) => {
    const { name, version } = c.req.valid('param');
    await deletePlugin({ ...store, directory }, name, version);
    log.info({ name, version, user: c.get('user') }, 'plugin deleted');
    return c.body(null, 204);
  });
  api.openapi(rescan, async (c) => c.json(await loadPlugins({ ...store, log }, directory, readInfo), 200));
  return api;
}
