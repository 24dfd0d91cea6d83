import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { saveGroupSchema } from '../../../model/group.ts';
import { createGroup } from '../../../services/groups/create-group.ts';
import { deleteGroup } from '../../../services/groups/delete-group.ts';
import { editGroup } from '../../../services/groups/edit-group.ts';
import { listGroups } from '../../../services/groups/list-groups.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { badBody, idParam, json, named, pageOf, pageQuery, problems, time } from '../schemas/common-schemas.ts';

const groupFields = { ...saveGroupSchema.shape, id: z.string(), createdAt: time, updatedAt: time };
const groupSchema = z.object(groupFields).openapi('Group');
const summarySchema = z.object({ ...groupFields, testFlowCount: z.number().int() }).openapi('GroupSummary');
/** Without the defaults of a new group: what is not given stays. */
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
  description: 'Each group comes with the number of its test flows.',
  tags,
  request: { query: pageQuery },
  responses: { 200: json(pageOf(summarySchema), 'A page'), ...problems('invalid_request') },
});
const create = createRoute({
  method: 'post',
  path: '/groups',
  operationId: 'createGroup',
  summary: 'Create a group of test flows',
  description: 'Names of groups are unique.',
  tags,
  request: {
    body: { required: true, content: { 'application/json': { schema: named(saveGroupSchema, 'SaveGroup') } } },
  },
  responses: { 201: json(groupSchema, 'Made'), ...problems(...badBody, 'conflict') },
});
const edit = createRoute({
  method: 'patch',
  path: '/groups/{id}',
  operationId: 'editGroup',
  summary: 'Rename a group or edit its description',
  description: 'A field that is left out stays as it is.',
  tags,
  request: { params: idParam, body: { required: true, content: { 'application/json': { schema: changeSchema } } } },
  responses: { 200: json(groupSchema, 'Saved'), ...problems(...badBody, 'not_found', 'conflict') },
});
const remove = createRoute({
  method: 'delete',
  path: '/groups/{id}',
  operationId: 'deleteGroup',
  summary: 'Delete an empty group',
  description: 'A group that has test flows is refused with their names.',
  tags,
  request: { params: idParam },
  responses: { 204: { description: 'Deleted' }, ...problems('invalid_request', 'not_found', 'conflict') },
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
