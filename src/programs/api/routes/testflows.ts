import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { editFlowSchema, saveFlowSchema } from '../../../model/flow.ts';
import { requireFound } from '../../../model/require-found.ts';
import { checkFlow } from '../../../services/flows/check-flow.ts';
import { copyFlow, copyFlowSchema } from '../../../services/flows/copy-flow.ts';
import { deleteFlow } from '../../../services/flows/delete-flow.ts';
import { editFlow } from '../../../services/flows/edit-flow.ts';
import { saveFlow } from '../../../services/flows/save-flow.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import {
  bodyCodes,
  idParam,
  jsonResponse,
  nameSchema,
  pageOf,
  pageQuery,
  problemResponses,
} from '../schemas/common-schemas.ts';
import { etag, flowSchema, flowSummarySchema, ifMatch, planSchema } from '../schemas/flow-schemas.ts';

const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});
const listQuery = pageQuery.extend({
  groupId: z.string().min(1).max(200).optional(),
  name: z.string().min(1).max(100).optional(),
});
const tags = ['test flows'];

const save = createRoute({
  method: 'post',
  path: '/testflows',
  operationId: 'createTestFlow',
  summary: 'Create a test flow',
  description:
    'Checks the YAML, every plugin, input and reference. `errors` of a 422 has line and column of each issue.',
  tags,
  request: body(nameSchema(saveFlowSchema, 'SaveTestFlow')),
  responses: { 201: jsonResponse(flowSchema, 'Saved'), ...problemResponses(...bodyCodes, 'conflict', 'flow_invalid') },
});
const validate = createRoute({
  method: 'post',
  path: '/testflows/validate',
  operationId: 'validateTestFlow',
  summary: 'Check a test flow without saving it',
  description: 'Returns the errors of a creation, or the plugin version that each step would run.',
  tags,
  request: body(saveFlowSchema.partial({ name: true }).openapi('ValidateTestFlow')),
  responses: {
    200: jsonResponse(planSchema, 'The steps with the plugin versions that they would run'),
    ...problemResponses(...bodyCodes, 'flow_invalid'),
  },
});
const list = createRoute({
  method: 'get',
  path: '/testflows',
  operationId: 'listTestFlows',
  summary: 'List test flows, newest first',
  description: 'Returns all test flows, those of a group, or those with a text in their name, without graphs.',
  tags,
  request: { query: listQuery },
  responses: {
    200: jsonResponse(pageOf(flowSummarySchema), 'A page, without graphs'),
    ...problemResponses('invalid_request'),
  },
});
const get = createRoute({
  method: 'get',
  path: '/testflows/{id}',
  operationId: 'getTestFlow',
  summary: 'Get a test flow',
  description: 'Returns the revision as ETag, for `If-Match` of an edit.',
  tags,
  request: { params: idParam },
  responses: { 200: jsonResponse(flowSchema, 'The test flow'), ...problemResponses('invalid_request', 'not_found') },
});
const edit = createRoute({
  method: 'put',
  path: '/testflows/{id}',
  operationId: 'editTestFlow',
  summary: 'Edit, rename or move a test flow',
  description:
    'Saves the next revision if anything changed. With `If-Match` or `revision`, returns 409 unless it is the current revision.',
  tags,
  request: { params: idParam, headers: ifMatch, ...body(nameSchema(editFlowSchema, 'EditTestFlow')) },
  responses: {
    200: jsonResponse(flowSchema, 'Saved as the next revision, if anything changed'),
    ...problemResponses(...bodyCodes, 'not_found', 'conflict', 'flow_invalid'),
  },
});
const copy = createRoute({
  method: 'post',
  path: '/testflows/{id}/copy',
  operationId: 'copyTestFlow',
  summary: 'Copy a test flow under a new name',
  description: 'The copy starts at revision 1.',
  tags,
  request: { params: idParam, ...body(nameSchema(copyFlowSchema, 'CopyTestFlow')) },
  responses: {
    201: jsonResponse(flowSchema, 'The copy'),
    ...problemResponses(...bodyCodes, 'not_found', 'conflict', 'flow_invalid'),
  },
});
const remove = createRoute({
  method: 'delete',
  path: '/testflows/{id}',
  operationId: 'deleteTestFlow',
  summary: 'Delete a test flow that no job uses',
  description: 'Revisions that tasks ran are kept as long as those tasks.',
  tags,
  request: { params: idParam },
  responses: { 204: { description: 'Deleted' }, ...problemResponses('invalid_request', 'not_found', 'conflict') },
});

export function testFlowsApi({ store }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(save, async (c) => {
    const flow = await saveFlow(store, c.req.valid('json'), c.get('user'));
    c.header('Location', `/api/v1/testflows/${flow.id}`);
    c.header('ETag', etag(flow.revision));
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
  api.openapi(list, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    return c.json(await store.flows.list(filter, { limit, cursor }), 200);
  });
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const flow = requireFound(await store.flows.get(id), `test flow ${id}`);
    c.header('ETag', etag(flow.revision));
    return c.json(flow, 200);
  });
  api.openapi(edit, async (c) => {
    const { revision = c.req.valid('header')['if-match'], ...input } = c.req.valid('json');
    const flow = await editFlow(store, c.req.valid('param').id, input, { by: c.get('user'), revision });
    c.header('ETag', etag(flow.revision));
    return c.json(flow, 200);
  });
  api.openapi(copy, async (c) => {
    const flow = await copyFlow(store, c.req.valid('param').id, c.req.valid('json'), c.get('user'));
    c.header('Location', `/api/v1/testflows/${flow.id}`);
    c.header('ETag', etag(flow.revision));
    return c.json(flow, 201);
  });
  api.openapi(remove, async (c) => {
    await deleteFlow(store, c.req.valid('param').id);
    return c.body(null, 204);
  });
  return api;
}
