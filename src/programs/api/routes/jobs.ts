import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { runJobSchema, saveJobSchema } from '../../../model/job.ts';
import { deleteJob } from '../../../services/jobs/delete-job.ts';
import { execImmediately } from '../../../services/jobs/exec-immediately.ts';
import { getJob } from '../../../services/jobs/get-job.ts';
import { insertOrReplace } from '../../../services/jobs/insert-or-replace.ts';
import { listJobs } from '../../../services/jobs/list-jobs.ts';
import { nextNSchedule } from '../../../services/jobs/next-n-schedule.ts';
import { pauseJob, resumeJob } from '../../../services/jobs/pause-job.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { limitInFlight } from '../middleware/limit-in-flight.ts';
import { emptyBody, optionalJson } from '../middleware/optional-body.ts';
import { idParam, json, keyHeader, pageOf, pageQuery, problems, time } from '../schemas/schemas.ts';
import { taskSummarySchema } from '../schemas/task-schemas.ts';
import { showTask } from '../show-task.ts';

const recordFields = {
  id: z.string(),
  execCount: z.number().int(),
  events: z.array(z.object({ at: time, message: z.string() })),
  createdAt: time,
  updatedAt: time,
};
const pauseSchema = z.object({ by: z.string().optional(), note: z.string().optional(), at: time.optional() });
/** Not those of the request extended: what is strict there could never be valid with more members. */
const jobFields = { ...saveJobSchema.shape, ...recordFields, pause: pauseSchema.optional() };
const savedSchema = z
  .object({
    ...jobFields,
    warnings: z
      .array(z.object({ message: z.string(), path: z.string(), hint: z.string().optional() }))
      .openapi({ description: 'what is valid, but has no effect as things are: a rule that no event matches' }),
  })
  .openapi('SavedJob');
const listedSchema = z.object(jobFields).openapi('Job');
const detailSchema = z
  .object({
    ...jobFields,
    paused: z.boolean(),
    trigger: z.enum(['none', 'schedule', 'webhook', 'missing']),
    nextRuns: z.array(time),
    lastTasks: z.array(taskSummarySchema),
  })
  .openapi('JobDetail');
const noteSchema = z.strictObject({ note: z.string().max(500).optional() });
const acceptedSchema = z.object({ taskId: z.string(), workflowId: z.string() });
const tags = ['jobs'];
/** Requests to run a job that one server works on at a time. */
const maxRunsInFlight = 64;

const save = createRoute({
  method: 'post',
  path: '/jobs',
  summary: 'Check and save a new job',
  tags,
  request: { body: { required: true, content: { 'application/json': { schema: saveJobSchema } } } },
  responses: { 201: json(savedSchema, 'Saved'), ...problems },
});
const list = createRoute({
  method: 'get',
  path: '/jobs',
  summary: 'List jobs, newest first',
  tags,
  request: { query: pageQuery },
  responses: { 200: json(pageOf(listedSchema), 'A page'), ...problems },
});
const get = createRoute({
  method: 'get',
  path: '/jobs/{id}',
  summary: 'Get a job with its next runs, its newest tasks, and whether it is paused',
  tags,
  request: { params: idParam },
  responses: { 200: json(detailSchema, 'The job'), ...problems },
});
const replace = createRoute({
  method: 'put',
  path: '/jobs/{id}',
  summary: 'Edit a job, its type too; takes effect at once',
  tags,
  request: { params: idParam, body: { required: true, content: { 'application/json': { schema: saveJobSchema } } } },
  responses: { 200: json(savedSchema, 'Saved'), ...problems },
});
const pauseOrResume = (verb: 'pause' | 'resume', summary: string) =>
  createRoute({
    method: 'post',
    path: `/jobs/{id}/${verb}`,
    summary,
    tags,
    request: { params: idParam, body: optionalJson(noteSchema) },
    responses: { 200: json(z.object({ jobId: z.string(), paused: z.boolean() }), 'Done'), ...problems },
  });
const pause = pauseOrResume('pause', 'Keep a job from being triggered; runs by hand go on');
const resume = pauseOrResume('resume', 'Let a job be triggered again');
const next = createRoute({
  method: 'get',
  path: '/jobs/{id}/next',
  summary: 'The next times of a cron job',
  tags,
  request: { params: idParam, query: z.strictObject({ n: z.coerce.number().int().min(1).max(10).default(3) }) },
  responses: { 200: json(z.object({ items: z.array(time) }), 'In order'), ...problems },
});
const run = createRoute({
  method: 'post',
  path: '/jobs/{id}/run',
  summary: 'Run a job now; with an Idempotency-Key, a repeated request gets the first answer',
  tags,
  request: {
    params: idParam,
    headers: keyHeader,
    body: optionalJson(runJobSchema),
  },
  responses: { 202: json(acceptedSchema, 'Accepted: the task and its workflow'), ...problems },
});
const remove = createRoute({
  method: 'delete',
  path: '/jobs/{id}',
  summary: 'Delete a job: its tasks are stopped and cleaned up, then all that is recorded of it goes',
  tags,
  request: { params: idParam },
  responses: { 202: json(z.object({ jobId: z.string() }), 'Under way; the job is gone at once'), ...problems },
});

export function jobsApi(parts: ApiParts): Api {
  const { store, orchestrator, schedules, log } = parts;
  const saving = { ...store, schedules, log };
  const api = new OpenAPIHono<ApiEnv>();
  // A body that comes slowly takes no place from the others.
  api.use('/jobs/:id/run', emptyBody, limitInFlight(maxRunsInFlight));
  api.use('/jobs/:id/pause', emptyBody);
  api.use('/jobs/:id/resume', emptyBody);
  api.openapi(save, async (c) => {
    const job = await insertOrReplace(saving, saveJobSchema.parse(c.req.valid('json')));
    c.header('Location', `/api/v1/jobs/${job.id}`);
    return c.json(job, 201);
  });
  api.openapi(list, async (c) => c.json(await listJobs({ ...store, schedules }, c.req.valid('query')), 200));
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const { lastTasks, ...job } = await getJob({ ...store, schedules }, id);
    return c.json({ ...job, lastTasks: lastTasks.map(showTask) }, 200);
  });
  api.openapi(replace, async (c) => {
    const input = saveJobSchema.parse(c.req.valid('json'));
    return c.json(await insertOrReplace(saving, input, c.req.valid('param').id), 200);
  });
  api.openapi(pause, async (c) => {
    const { id } = c.req.valid('param');
    await pauseJob({ ...store, schedules }, id, { by: c.get('user'), ...c.req.valid('json') });
    return c.json({ jobId: id, paused: true }, 200);
  });
  api.openapi(resume, async (c) => {
    const { id } = c.req.valid('param');
    await resumeJob({ ...store, schedules }, id, { by: c.get('user'), ...c.req.valid('json') });
    return c.json({ jobId: id, paused: false }, 200);
  });
  api.openapi(next, async (c) => {
    const items = await nextNSchedule({ ...store, schedules }, c.req.valid('param').id, c.req.valid('query').n);
    return c.json({ items }, 200);
  });
  api.openapi(run, async (c) => {
    const accepted = await execImmediately({ ...store, orchestrator }, c.req.valid('param').id, {
      run: runJobSchema.parse(c.req.valid('json')),
      by: c.get('user'),
      key: c.req.valid('header')['idempotency-key'],
    });
    c.header('Location', `/api/v1/tasks/${accepted.taskId}`);
    return c.json(accepted, 202);
  });
  api.openapi(remove, async (c) => {
    const { id } = c.req.valid('param');
    await deleteJob({ ...store, schedules, orchestrator, log }, id);
    return c.json({ jobId: id }, 202);
  });
  return api;
}
