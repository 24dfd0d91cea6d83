import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { taskStates } from '../../../model/task-state.ts';
import { deleteTask } from '../../../services/tasks/delete-task.ts';
import { getTask } from '../../../services/tasks/get-task.ts';
import { stopTask } from '../../../services/tasks/stop-task.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { emptyBody, optionalJson } from '../middleware/optional-body.ts';
import { badBody, idParam, json, pageOf, pageQuery, problems } from '../schemas/common-schemas.ts';
import { taskSchema, taskSummarySchema } from '../schemas/task-schemas.ts';
import { showTask } from '../show-task.ts';

const listQuery = pageQuery.extend({
  jobId: z.string().min(1).max(200).optional(),
  state: z.enum(taskStates).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
});
const stopSchema = z.strictObject({ reason: z.string().max(1000).optional() });
const tags = ['tasks'];

const list = createRoute({
  method: 'get',
  path: '/tasks',
  operationId: 'listTasks',
  summary: 'List tasks, newest first',
  description: 'All, or those of a job, in a state, or requested since a time. Steps are left out.',
  tags,
  request: { query: listQuery },
  responses: { 200: json(pageOf(taskSummarySchema), 'A page, without pipelines'), ...problems('invalid_request') },
});
const get = createRoute({
  method: 'get',
  path: '/tasks/{id}',
  operationId: 'getTask',
  summary: 'Get a task with its steps',
  description: 'The steps have the outputs that they gave; `links` has everything else of the task.',
  tags,
  request: { params: idParam },
  responses: { 200: json(taskSchema, 'The task'), ...problems('invalid_request', 'not_found') },
});
const stop = createRoute({
  method: 'post',
  path: '/tasks/{id}/stop',
  operationId: 'stopTask',
  summary: 'Stop a task',
  description: 'Its test ends and everything is cleaned up; it has stopped once its state is `canceled`.',
  tags,
  request: { params: idParam, body: optionalJson(stopSchema) },
  responses: {
    202: json(z.object({ taskId: z.string() }), 'Accepted; it has stopped once its state says so'),
    ...problems(...badBody, 'not_found', 'conflict'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/tasks/{id}',
  operationId: 'deleteTask',
  summary: 'Delete a task that has ended',
  description: 'With its logs, artifacts and outputs. Its number is not given to another task.',
  tags,
  request: { params: idParam },
  responses: { 204: { description: 'It is gone' }, ...problems('invalid_request', 'not_found', 'conflict') },
});

export function tasksApi({ store, orchestrator }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.use('/tasks/:id/stop', emptyBody);
  api.openapi(list, async (c) => {
    const { limit, cursor, since, ...filter } = c.req.valid('query');
    const wanted = { ...filter, ...(since !== undefined && { since: new Date(since) }) };
    const { items, ...page } = await store.tasks.list(wanted, { limit, cursor });
    return c.json({ items: items.map(showTask), ...page }, 200);
  });
  api.openapi(get, async (c) => {
    const task = await getTask(store, c.req.valid('param').id);
    const self = `/api/v1/tasks/${task.id}`;
    const links = {
      self,
      job: `/api/v1/jobs/${task.jobId}`,
      testFlow: `/api/v1/testflows/${task.testFlowId}`,
      flowRevision: `/api/v1/testflows/${task.testFlowId}/revisions/${task.flowRevision}`,
      logs: `${self}/logs`,
      pods: `${self}/pods`,
      artifacts: `${self}/artifacts`,
      testCases: `${self}/testcases`,
      lockfile: `${self}/lockfile`,
      stop: `${self}/stop`,
      hold: `${self}/hold`,
      release: `${self}/release`,
      retry: `${self}/retry`,
    };
    return c.json({ ...showTask(task), links }, 200);
  });
  api.openapi(stop, async (c) => {
    const { id } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    await stopTask({ ...store, orchestrator }, id, { by: c.get('user'), ...(reason !== undefined && { reason }) });
    return c.json({ taskId: id }, 202);
  });
  api.openapi(remove, async (c) => {
    await deleteTask({ ...store, orchestrator }, c.req.valid('param').id);
    return c.body(null, 204);
  });
  return api;
}
