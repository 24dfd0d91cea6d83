import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { editSiteGlobalsSchema } from '../../../model/site-globals.ts';
import { editSiteGlobals } from '../../../services/flows/edit-site-globals.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { json, problems, time } from '../schemas/schemas.ts';

const siteGlobalsSchema = editSiteGlobalsSchema
  .extend({ revision: z.number().int(), updatedBy: z.string().optional(), updatedAt: time.optional() })
  .openapi('SiteGlobals');
const tags = ['globals'];

const get = createRoute({
  method: 'get',
  path: '/globals',
  summary: 'Get the globals of all runs of this site, which test flows, jobs and runs may override',
  tags,
  responses: { 200: json(siteGlobalsSchema, 'The globals; revision 0 when they were never set'), ...problems },
});
const edit = createRoute({
  method: 'put',
  path: '/globals',
  summary: 'Replace the globals of the site; with a revision, only if it is the newest',
  tags,
  request: { body: { required: true, content: { 'application/json': { schema: editSiteGlobalsSchema } } } },
  responses: { 200: json(siteGlobalsSchema, 'Saved'), ...problems },
});

export function globalsApi({ store }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(get, async (c) => c.json(await store.siteGlobals.get(), 200));
  api.openapi(edit, async (c) => {
    return c.json(await editSiteGlobals(store.siteGlobals, c.req.valid('json'), c.get('user')), 200);
  });
  return api;
}
