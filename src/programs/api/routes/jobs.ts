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
import {
  badBody,
  idParam,
  json,
  keyHeader,
  named,
  pageOf,
  pageQuery,
  problems,
  time,
} from '../schemas/common-schemas.ts';
import { acceptedRunSchema, jobDetailSchema, listedJobSchema, savedJobSchema } from '../schemas/job-schemas.ts';
import { showTask } from '../show-task.ts';

const noteSchema = z.strictObject({ note: z.string().max(500).optional() });
const saveJobRequest = named(saveJobSchema, 'SaveJob');
const tags = ['jobs'];
/** Requests to run a job that one server works on at a time. */
const maxRunsInFlight = 64;

const save = createRoute({
  method: 'post',
  path: '/jobs',
  operationId: 'createJob',
  summary: 'Create a job',
  description:
    'Checks the job against its test flow. `warnings` of the answer names what is valid but has no effect as things are.',
  tags,
  request: { body: { required: true, content: { 'application/json': { schema: saveJobRequest } } } },
  responses: { 201: json(savedJobSchema, 'Saved'), ...problems(...badBody, 'conflict', 'input_invalid') },
});
const list = createRoute({
  method: 'get',
  path: '/jobs',
  operationId: 'listJobs',
  summary: 'List jobs, newest first',
  description: 'Without next runs and tasks, which a job by itself has.',
  tags,
  request: { query: pageQuery },
  responses: { 200: json(pageOf(listedJobSchema), 'A page'), ...problems('invalid_request') },
});
const get = createRoute({
  method: 'get',
  path: '/jobs/{id}',
  operationId: 'getJob',
  summary: 'Get a job with its next runs and newest tasks',
  description: 'Its schedule is asked of Temporal, so that a pause made there is shown too.',
  tags,
  request: { params: idParam },
  responses: { 200: json(jobDetailSchema, 'The job'), ...problems('invalid_request', 'not_found') },
});
const replace = createRoute({
  method: 'put',
  path: '/jobs/{id}',
  operationId: 'editJob',
  summary: 'Replace a job',
  description: 'Its type may change too. Takes effect at once; tasks that run already are left alone.',
  tags,
  request: { params: idParam, body: { required: true, content: { 'application/json': { schema: saveJobRequest } } } },
  responses: { 200: json(savedJobSchema, 'Saved'), ...problems(...badBody, 'not_found', 'conflict', 'input_invalid') },
});
const pauseOrResume = (verb: 'pause' | 'resume', text: { summary: string; description: string }) =>
  createRoute({
    method: 'post',
    path: `/jobs/{id}/${verb}`,
    operationId: `${verb}Job`,
    ...text,
    tags,
    request: { params: idParam, body: optionalJson(noteSchema) },
    responses: {
      200: json(z.object({ jobId: z.string(), paused: z.boolean() }), 'Done'),
      ...problems(...badBody, 'not_found', 'conflict'),
    },
  });
const pause = pauseOrResume('pause', {
  summary: 'Pause a job',
  description: 'No schedule, merge or tag starts it; runs by request still do.',
});
const resume = pauseOrResume('resume', {
  summary: 'Resume a job',
  description: 'Its schedule, merges and tags start it again; what came in meanwhile is not made up.',
});
const next = createRoute({
  method: 'get',
  path: '/jobs/{id}/next',
  operationId: 'listNextRuns',
  summary: 'List the next runs of a cron job',
  description: 'In its time zone, daylight saving taken into account; times are answered in UTC.',
  tags,
  request: { params: idParam, query: z.strictObject({ n: z.coerce.number().int().min(1).max(10).default(3) }) },
  responses: {
    200: json(z.object({ items: z.array(time) }), 'In order'),
    ...problems('invalid_request', 'not_found', 'conflict'),
  },
});
const run = createRoute({
  method: 'post',
  path: '/jobs/{id}/run',
  operationId: 'runJob',
  summary: 'Run a job now',
  description:
    'The task is on record when this is answered. With an Idempotency-Key, a repeated request gets the first answer.',
  tags,
  request: {
    params: idParam,
    headers: keyHeader,
    body: optionalJson(named(runJobSchema, 'RunJob')),
  },
  responses: {
    202: json(acceptedRunSchema, 'Accepted: the task and its workflow'),
    ...problems(...badBody, 'not_found', 'conflict', 'too_many_requests', 'input_invalid'),
  },
});
const remove = createRoute({
  method: 'delete',
  path: '/jobs/{id}',
  operationId: 'deleteJob',
  summary: 'Delete a job and its tasks',
  description: 'The job is gone at once; its tasks are stopped and cleaned up, then their records are removed.',
  tags,
  request: { params: idParam },
  responses: {
    202: json(z.object({ jobId: z.string() }), 'Under way; the job is gone at once'),
    ...problems('invalid_request', 'not_found'),
  },
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
