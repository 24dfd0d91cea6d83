import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { editSiteGlobalsSchema } from '../../../model/site-globals.ts';
import { editSiteGlobals } from '../../../services/flows/edit-site-globals.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { badBody, json, named, problems, time } from '../schemas/common-schemas.ts';

const siteGlobalsSchema = editSiteGlobalsSchema
  .extend({ revision: z.number().int(), updatedBy: z.string().optional(), updatedAt: time.optional() })
  .openapi('SiteGlobals');
const tags = ['globals'];

const get = createRoute({
  method: 'get',
  path: '/globals',
  operationId: 'getSiteGlobals',
  summary: 'Get the global properties of all runs',
  description: 'Test flows, jobs and runs override them.',
  tags,
  responses: { 200: json(siteGlobalsSchema, 'The globals; revision 0 when they were never set'), ...problems() },
});
const edit = createRoute({
  method: 'put',
  path: '/globals',
  operationId: 'editSiteGlobals',
  summary: 'Replace the global properties of all runs',
  description: 'With `revision`, only if it is still the newest one.',
  tags,
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: named(editSiteGlobalsSchema, 'EditSiteGlobals') } },
    },
  },
  responses: { 200: json(siteGlobalsSchema, 'Saved'), ...problems(...badBody, 'conflict') },
});

export function globalsApi({ store }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(get, async (c) => c.json(await store.siteGlobals.get(), 200));
  api.openapi(edit, async (c) => {
    return c.json(await editSiteGlobals(store.siteGlobals, c.req.valid('json'), c.get('user')), 200);
  });
  return api;
}
