import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { pluginTypes } from '../../../model/plugin.ts';
import { requireFound } from '../../../model/require-found.ts';
import { deletePlugin } from '../../../services/plugins/delete-plugin.ts';
import { listPlugins } from '../../../services/plugins/list-plugins.ts';
import { loadPlugins } from '../../../services/plugins/load-plugins.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { jsonResponse, problemResponses } from '../schemas/common-schemas.ts';
import { pluginName, pluginSchema, pluginVersion } from '../schemas/plugin-schemas.ts';

const nameParam = z.object({ name: pluginName });
const versionParam = z.object({ name: pluginName, version: pluginVersion });
const deleted = { 204: { description: 'Deleted' } };
const tags = ['plugins'];

const list = createRoute({
  method: 'get',
  path: '/plugins',
  operationId: 'listPlugins',
  summary: 'List all versions of all plugins',
  description: 'Ordered by name, then newest version first.',
  tags,
  request: {
    query: z.strictObject({
      type: z.enum(pluginTypes).optional(),
      label: z.string().min(1).max(200).optional(),
    }),
  },
  responses: {
    200: jsonResponse(z.object({ items: z.array(pluginSchema) }), 'All plugins'),
    ...problemResponses('invalid_request'),
  },
});
const versions = createRoute({
  method: 'get',
  path: '/plugins/{name}',
  operationId: 'getPlugin',
  summary: 'Get all versions of a plugin, newest first',
  description: 'Returns the versions with the JSON Schemas of their inputs and outputs.',
  tags,
  request: { params: nameParam },
  responses: {
    200: jsonResponse(
      z.object({ name: z.string(), labels: z.array(z.string()), versions: z.array(pluginSchema) }),
      'The plugin, with the labels of all versions',
    ),
    ...problemResponses('invalid_request', 'not_found'),
  },
});
const get = createRoute({
  method: 'get',
  path: '/plugins/{name}/{version}',
  operationId: 'getPluginVersion',
  summary: 'Get a version of a plugin',
  description: 'Returns the version with the JSON Schemas of its input and output.',
  tags,
  request: { params: versionParam },
  responses: { 200: jsonResponse(pluginSchema, 'The version'), ...problemResponses('invalid_request', 'not_found') },
});
const removeAll = createRoute({
  method: 'delete',
  path: '/plugins/{name}',
  operationId: 'deletePlugin',
  summary: 'Delete all versions of a plugin',
  description: 'Returns 409 if a test flow uses the plugin.',
  tags,
  request: { params: nameParam },
  responses: { ...deleted, ...problemResponses('invalid_request', 'not_found', 'conflict') },
});
const remove = createRoute({
  method: 'delete',
  path: '/plugins/{name}/{version}',
  operationId: 'deletePluginVersion',
  summary: 'Delete a version of a plugin',
  description: 'Returns 409 if a test flow uses the version.',
  tags,
  request: { params: versionParam },
  responses: { ...deleted, ...problemResponses('invalid_request', 'not_found', 'conflict') },
});
const rescan = createRoute({
  method: 'post',
  path: '/plugins/rescan',
  operationId: 'rescanPlugins',
  summary: 'Read the plugin store again',
  description: 'Finds files that were copied into the store, as at the start of the server.',
  tags,
  responses: {
    200: jsonResponse(
      z.object({
        builtin: z.number().int(),
        store: z.number().int(),
        problems: z.array(z.object({ file: z.string(), reason: z.string() })),
      }),
      'Numbers of plugins, and the files that are not valid plugins',
    ),
    ...problemResponses('unsupported_media_type'),
  },
});

export function pluginsApi({ store, pluginStore, log }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  const { directory, readInfo } = pluginStore;
  api.openapi(list, async (c) => c.json({ items: await listPlugins(store, c.req.valid('query')) }, 200));
  api.openapi(versions, async (c) => {
    const { name } = c.req.valid('param');
    const all = await listPlugins(store, { name });
    requireFound(all[0], `plugin ${name}`);
    const labels = [...new Set(all.flatMap((plugin) => plugin.labels))].sort();
    return c.json({ name, labels, versions: all }, 200);
  });
  api.openapi(get, async (c) => {
    const { name, version } = c.req.valid('param');
    const plugin = (await listPlugins(store, { name })).find((one) => one.version === version);
    return c.json(requireFound(plugin, `plugin ${name} ${version}`), 200);
  });
  api.openapi(removeAll, async (c) => {
    const { name } = c.req.valid('param');
    await deletePlugin({ ...store, directory }, name);
    log.info({ plugin: name, user: c.get('user') }, 'plugin deleted');
    return c.body(null, 204);
  });
  api.openapi(remove, async (c) => {
    const { name, version } = c.req.valid('param');
    await deletePlugin({ ...store, directory }, name, version);
    log.info({ plugin: name, version, user: c.get('user') }, 'plugin deleted');
    return c.body(null, 204);
  });
  api.openapi(rescan, async (c) => c.json(await loadPlugins({ ...store, log }, directory, readInfo), 200));
  return api;
}
