import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { editSiteGlobalsSchema } from '../../../model/site-globals.ts';
import { editSiteGlobals } from '../../../services/flows/edit-site-globals.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { bodyCodes, jsonResponse, nameSchema, problemResponses, timestampSchema } from '../schemas/common-schemas.ts';

const siteGlobalsSchema = editSiteGlobalsSchema
  .extend({ revision: z.number().int(), updatedBy: z.string().optional(), updatedAt: timestampSchema.optional() })
  .openapi('SiteGlobals');
const tags = ['globals'];

const get = createRoute({
  method: 'get',
  path: '/globals',
  operationId: 'getSiteGlobals',
  summary: 'Get the global properties of all runs',
  description: 'Test flows, jobs and runs can override them.',
  tags,
  responses: {
    200: jsonResponse(siteGlobalsSchema, 'The global properties; revision 0 if never set'),
    ...problemResponses(),
  },
});
const edit = createRoute({
  method: 'put',
  path: '/globals',
  operationId: 'editSiteGlobals',
  summary: 'Replace the global properties of all runs',
  description: 'With `revision`, returns 409 unless it is the current revision.',
  tags,
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: nameSchema(editSiteGlobalsSchema, 'EditSiteGlobals') } },
    },
  },
  responses: { 200: jsonResponse(siteGlobalsSchema, 'Saved'), ...problemResponses(...bodyCodes, 'conflict') },
});

export function globalsApi({ store }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(get, async (c) => c.json(await store.siteGlobals.get(), 200));
  api.openapi(edit, async (c) => {
    return c.json(await editSiteGlobals(store.siteGlobals, c.req.valid('json'), c.get('user')), 200);
  });
  return api;
}
