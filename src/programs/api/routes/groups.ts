import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { saveGroupSchema } from '../../../model/group.ts';
import { createGroup } from '../../../services/groups/create-group.ts';
import { deleteGroup } from '../../../services/groups/delete-group.ts';
import { editGroup } from '../../../services/groups/edit-group.ts';
import { listGroups } from '../../../services/groups/list-groups.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import {
  bodyCodes,
  idParam,
  jsonResponse,
  nameSchema,
  pageOf,
  pageQuery,
  problemResponses,
  timestampSchema,
} from '../schemas/common-schemas.ts';

const groupFields = {
  ...saveGroupSchema.shape,
  id: z.string(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
};
const groupSchema = z.object(groupFields).openapi('Group');
const summarySchema = z.object({ ...groupFields, testFlowCount: z.number().int() }).openapi('GroupSummary');
/** Without the defaults of a new group: missing fields stay unchanged. */
const changeSchema = z
  .strictObject({ name: saveGroupSchema.shape.name, description: saveGroupSchema.shape.description.unwrap() })
  .partial()
  .openapi('EditGroup');
const tags = ['groups'];

const list = createRoute({
  method: 'get',
  path: '/groups',
  operationId: 'listGroups',
  summary: 'List groups, newest first',
  description: 'Returns each group with the number of its test flows.',
  tags,
  request: { query: pageQuery },
  responses: { 200: jsonResponse(pageOf(summarySchema), 'A page'), ...problemResponses('invalid_request') },
});
const create = createRoute({
  method: 'post',
  path: '/groups',
  operationId: 'createGroup',
  summary: 'Create a group of test flows',
  description: 'The name must be unique among groups.',
  tags,
  request: {
    body: { required: true, content: { 'application/json': { schema: nameSchema(saveGroupSchema, 'SaveGroup') } } },
  },
  responses: { 201: jsonResponse(groupSchema, 'Created'), ...problemResponses(...bodyCodes, 'conflict') },
});
const edit = createRoute({
  method: 'patch',
  path: '/groups/{id}',
  operationId: 'editGroup',
  summary: 'Rename a group or edit its description',
  description: 'Fields that are left out stay unchanged.',
  tags,
  request: { params: idParam, body: { required: true, content: { 'application/json': { schema: changeSchema } } } },
  responses: { 200: jsonResponse(groupSchema, 'Saved'), ...problemResponses(...bodyCodes, 'not_found', 'conflict') },
});
const remove = createRoute({
  method: 'delete',
  path: '/groups/{id}',
  operationId: 'deleteGroup',
  summary: 'Delete an empty group',
  description: 'Returns 409 with the names of the test flows if the group is not empty.',
  tags,
  request: { params: idParam },
  responses: { 204: { description: 'Deleted' }, ...problemResponses('invalid_request', 'not_found', 'conflict') },
});

export function groupsApi({ store }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(list, async (c) => c.json(await listGroups(store, c.req.valid('query')), 200));
  api.openapi(create, async (c) => c.json(await createGroup(store.groups, c.req.valid('json')), 201));
  api.openapi(edit, async (c) => {
    return c.json(await editGroup(store.groups, c.req.valid('param').id, c.req.valid('json')), 200);
  });
  api.openapi(remove, async (c) => {
    await deleteGroup(store, c.req.valid('param').id);
    return c.body(null, 204);
  });
  return api;
}
