import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { saveGroupSchema } from '../../../model/group.ts';
import { createGroup } from '../../../services/groups/create-group.ts';
import { deleteGroup } from '../../../services/groups/delete-group.ts';
import { editGroup } from '../../../services/groups/edit-group.ts';
import { listGroups } from '../../../services/groups/list-groups.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { idParam, json, pageOf, pageQuery, problems, time } from '../schemas/schemas.ts';

const groupFields = { ...saveGroupSchema.shape, id: z.string(), createdAt: time, updatedAt: time };
const groupSchema = z.object(groupFields).openapi('Group');
const summarySchema = z.object({ ...groupFields, testFlowCount: z.number().int() }).openapi('GroupSummary');
/** Without the defaults of a new group: what is not given stays. */
const changeSchema = z
  .strictObject({ name: saveGroupSchema.shape.name, description: saveGroupSchema.shape.description.unwrap() })
  .partial();
const tags = ['groups'];

const list = createRoute({
  method: 'get',
  path: '/groups',
  summary: 'List groups, newest first, with the number of their test flows',
  tags,
  request: { query: pageQuery },
  responses: { 200: json(pageOf(summarySchema), 'A page'), ...problems },
});
const create = createRoute({
  method: 'post',
  path: '/groups',
  summary: 'Make a group of test flows',
  tags,
  request: { body: { required: true, content: { 'application/json': { schema: saveGroupSchema } } } },
  responses: { 201: json(groupSchema, 'Made'), ...problems },
});
const edit = createRoute({
  method: 'patch',
  path: '/groups/{id}',
  summary: 'Rename a group, or describe it',
  tags,
  request: { params: idParam, body: { required: true, content: { 'application/json': { schema: changeSchema } } } },
  responses: { 200: json(groupSchema, 'Saved'), ...problems },
});
const remove = createRoute({
  method: 'delete',
  path: '/groups/{id}',
  summary: 'Delete a group that has no test flows',
  tags,
  request: { params: idParam },
  responses: { 204: { description: 'Deleted' }, ...problems },
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
