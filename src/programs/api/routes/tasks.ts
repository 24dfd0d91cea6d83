import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { taskStates } from '../../../model/task-state.ts';
import { deleteTask } from '../../../services/tasks/delete-task.ts';
import { getTask } from '../../../services/tasks/get-task.ts';
import { stopTask } from '../../../services/tasks/stop-task.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { emptyBody, optionalJson } from '../middleware/optional-body.ts';
import { bodyCodes, idParam, jsonResponse, pageOf, pageQuery, problemResponses } from '../schemas/common-schemas.ts';
import { taskSchema, taskSummarySchema } from '../schemas/task-schemas.ts';
import { toTaskResponse } from '../show-task.ts';

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
  description: 'Returns all tasks, or those of a job, in a state, or requested since a time. Steps are left out.',
  tags,
  request: { query: listQuery },
  responses: {
    200: jsonResponse(pageOf(taskSummarySchema), 'A page, without pipelines'),
    ...problemResponses('invalid_request'),
  },
});
const get = createRoute({
  method: 'get',
  path: '/tasks/{id}',
  operationId: 'getTask',
  summary: 'Get a task with its steps',
  description: 'Returns the task with the outputs of its steps; `links` leads to logs, artifacts and more.',
  tags,
  request: { params: idParam },
  responses: { 200: jsonResponse(taskSchema, 'The task'), ...problemResponses('invalid_request', 'not_found') },
});
const stop = createRoute({
  method: 'post',
  path: '/tasks/{id}/stop',
  operationId: 'stopTask',
  summary: 'Stop a task',
  description: 'Ends the test and cleans everything up. The task has stopped once its state is `canceled`.',
  tags,
  request: { params: idParam, body: optionalJson(stopSchema) },
  responses: {
    202: jsonResponse(z.object({ taskId: z.string() }), 'Accepted; the task has stopped once its state is `canceled`'),
    ...problemResponses(...bodyCodes, 'not_found', 'conflict'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/tasks/{id}',
  operationId: 'deleteTask',
  summary: 'Delete a task that has ended',
  description: 'Deletes the task with its logs, artifacts and outputs. Its number is not reused.',
  tags,
  request: { params: idParam },
  responses: { 204: { description: 'Deleted' }, ...problemResponses('invalid_request', 'not_found', 'conflict') },
});

export function tasksApi({ store, orchestrator }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.use('/tasks/:id/stop', emptyBody);
  api.openapi(list, async (c) => {
    const { limit, cursor, since, ...filter } = c.req.valid('query');
    const wanted = { ...filter, ...(since !== undefined && { since: new Date(since) }) };
    const { items, ...page } = await store.tasks.list(wanted, { limit, cursor });
    return c.json({ items: items.map(toTaskResponse), ...page }, 200);
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
    return c.json({ ...toTaskResponse(task), links }, 200);
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
