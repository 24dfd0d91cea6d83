import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { deleteJob } from '../jobs/delete-job.ts';
import { runJob } from '../jobs/run-job.ts';
import { saveJob } from '../jobs/save-job.ts';
import { found } from '../model/found.ts';
import { runJobSchema, saveJobSchema } from '../model/job.ts';
import type { Api, ApiEnv, ApiParts } from './env.ts';
import { idParam, json, pageOf, pageQuery, problems, time } from './schemas.ts';

const jobSchema = saveJobSchema
  .extend({ id: z.string(), execCount: z.number().int(), createdAt: time, updatedAt: time })
  .openapi('Job');
const acceptedSchema = z.object({ taskId: z.string(), workflowId: z.string() });
const keyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 visible ASCII characters')
    .optional(),
});
const tags = ['jobs'];

const save = createRoute({
  method: 'post',
  path: '/jobs',
  summary: 'Check and save a new job',
  tags,
  request: { body: { required: true, content: { 'application/json': { schema: saveJobSchema } } } },
  responses: { 201: json(jobSchema, 'Saved'), ...problems },
});
const list = createRoute({
  method: 'get',
  path: '/jobs',
  summary: 'List jobs, newest first',
  tags,
  request: { query: pageQuery },
  responses: { 200: json(pageOf(jobSchema), 'A page'), ...problems },
});
const get = createRoute({
  method: 'get',
  path: '/jobs/{id}',
  summary: 'Get a job',
  tags,
  request: { params: idParam },
  responses: { 200: json(jobSchema, 'The job'), ...problems },
});
const run = createRoute({
  method: 'post',
  path: '/jobs/{id}/run',
  summary: 'Run a job now; with an Idempotency-Key, a repeated request gets the first answer',
  tags,
  request: {
    params: idParam,
    headers: keyHeader,
    body: { content: { 'application/json': { schema: runJobSchema } } },
  },
  responses: { 202: json(acceptedSchema, 'Accepted: the task and its workflow'), ...problems },
});
const remove = createRoute({
  method: 'delete',
  path: '/jobs/{id}',
  summary: 'Delete a job with its tasks and their logs; none of them may be running',
  tags,
  request: { params: idParam },
  responses: { 204: { description: 'Deleted' }, ...problems },
});

export function jobsApi(parts: ApiParts): Api {
  const { store, orchestrator } = parts;
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(save, async (c) => {
    const job = await saveJob(store, c.req.valid('json'));
    c.header('Location', `/api/v1/jobs/${job.id}`);
    return c.json(job, 201);
  });
  api.openapi(list, async (c) => c.json(await store.jobs.list(c.req.valid('query')), 200));
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(found(await store.jobs.get(id), `job ${id}`), 200);
  });
  api.openapi(run, async (c) => {
    const accepted = await runJob({ ...store, orchestrator }, c.req.valid('param').id, {
      run: runJobSchema.parse(c.req.valid('json')),
      by: c.get('user'),
      key: c.req.valid('header')['idempotency-key'],
    });
    c.header('Location', `/api/v1/tasks/${accepted.taskId}`);
    return c.json(accepted, 202);
  });
  api.openapi(remove, async (c) => {
    await deleteJob({ ...store, orchestrator }, c.req.valid('param').id);
    return c.body(null, 204);
  });
  return api;
}
