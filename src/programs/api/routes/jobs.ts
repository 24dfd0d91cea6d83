import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { runJobSchema, saveJobSchema } from '../../../model/job.ts';
import { deleteJob } from '../../../services/jobs/delete-job.ts';
import { getJob } from '../../../services/jobs/get-job.ts';
import { listJobs } from '../../../services/jobs/list-jobs.ts';
import { listNextRuns } from '../../../services/jobs/list-next-runs.ts';
import { pauseJob, resumeJob } from '../../../services/jobs/pause-job.ts';
import { runJob } from '../../../services/jobs/run-job.ts';
import { saveJob } from '../../../services/jobs/save-job.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { limitInFlight } from '../middleware/limit-in-flight.ts';
import { emptyBody, optionalJson } from '../middleware/optional-body.ts';
import {
  bodyCodes,
  idParam,
  jsonResponse,
  keyHeader,
  nameSchema,
  pageOf,
  pageQuery,
  problemResponses,
  timestampSchema,
} from '../schemas/common-schemas.ts';
import { acceptedRunSchema, jobDetailSchema, listedJobSchema, savedJobSchema } from '../schemas/job-schemas.ts';
import { toTaskResponse } from '../show-task.ts';

const noteSchema = z.strictObject({ note: z.string().max(500).optional() });
const saveJobRequest = nameSchema(saveJobSchema, 'SaveJob');
const tags = ['jobs'];

const maxRunsInFlight = 64;

const save = createRoute({
  method: 'post',
  path: '/jobs',
  operationId: 'createJob',
  summary: 'Create a job',
  description:
    'Checks the job against its test flow. `warnings` of the response lists valid settings that currently have no effect.',
  tags,
  request: { body: { required: true, content: { 'application/json': { schema: saveJobRequest } } } },
  responses: {
    201: jsonResponse(savedJobSchema, 'Saved'),
    ...problemResponses(...bodyCodes, 'conflict', 'input_invalid'),
  },
});
const list = createRoute({
  method: 'get',
  path: '/jobs',
  operationId: 'listJobs',
  summary: 'List jobs, newest first',
  description: 'Returns jobs without next runs and tasks, which `GET /jobs/{id}` adds.',
  tags,
  request: { query: pageQuery },
  responses: { 200: jsonResponse(pageOf(listedJobSchema), 'A page'), ...problemResponses('invalid_request') },
});
const get = createRoute({
  method: 'get',
  path: '/jobs/{id}',
  operationId: 'getJob',
  summary: 'Get a job with its next runs and newest tasks',
  description: 'Reads the schedule from Temporal, so that a pause made there is shown too.',
  tags,
  request: { params: idParam },
  responses: { 200: jsonResponse(jobDetailSchema, 'The job'), ...problemResponses('invalid_request', 'not_found') },
});
const replace = createRoute({
  method: 'put',
  path: '/jobs/{id}',
  operationId: 'editJob',
  summary: 'Replace a job',
  description: 'Can also change the type. Takes effect at once; running tasks are not affected.',
  tags,
  request: { params: idParam, body: { required: true, content: { 'application/json': { schema: saveJobRequest } } } },
  responses: {
    200: jsonResponse(savedJobSchema, 'Saved'),
    ...problemResponses(...bodyCodes, 'not_found', 'conflict', 'input_invalid'),
  },
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
      200: jsonResponse(z.object({ jobId: z.string(), paused: z.boolean() }), 'Done'),
      ...problemResponses(...bodyCodes, 'not_found', 'conflict'),
    },
  });
const pause = pauseOrResume('pause', {
  summary: 'Pause a job',
  description: 'Schedule, merges and tags no longer start the job; runs on request still do.',
});
const resume = pauseOrResume('resume', {
  summary: 'Resume a job',
  description: 'Schedule, merges and tags start the job again. Triggers during the pause are not caught up.',
});
const next = createRoute({
  method: 'get',
  path: '/jobs/{id}/next',
  operationId: 'listNextRuns',
  summary: 'List the next runs of a cron job',
  description: 'Computed in the time zone of the job, including daylight saving time. Returned in UTC.',
  tags,
  request: { params: idParam, query: z.strictObject({ n: z.coerce.number().int().min(1).max(10).default(3) }) },
  responses: {
    200: jsonResponse(z.object({ items: z.array(timestampSchema) }), 'Times in ascending order'),
    ...problemResponses('invalid_request', 'not_found', 'conflict'),
  },
});
const run = createRoute({
  method: 'post',
  path: '/jobs/{id}/run',
  operationId: 'runJob',
  summary: 'Run a job now',
  description:
    'The task is stored before the response. A repeated request with the same Idempotency-Key returns the first response.',
  tags,
  request: {
    params: idParam,
    headers: keyHeader,
    body: optionalJson(nameSchema(runJobSchema, 'RunJob')),
  },
  responses: {
    202: jsonResponse(acceptedRunSchema, 'Accepted: the task and its workflow'),
    ...problemResponses(...bodyCodes, 'not_found', 'conflict', 'too_many_requests', 'input_invalid'),
  },
});
const remove = createRoute({
  method: 'delete',
  path: '/jobs/{id}',
  operationId: 'deleteJob',
  summary: 'Delete a job and its tasks',
  description: 'Deletes the job at once. Its tasks are stopped and cleaned up, then their records are removed.',
  tags,
  request: { params: idParam },
  responses: {
    202: jsonResponse(z.object({ jobId: z.string() }), 'Accepted; the job is deleted at once'),
    ...problemResponses('invalid_request', 'not_found'),
  },
});

export function jobsApi(parts: ApiParts): Api {
  const { store, orchestrator, schedules, log } = parts;
  const saving = { ...store, schedules, log };
  const api = new OpenAPIHono<ApiEnv>();
  // The body is read first: a slow body must not count as in flight.
  api.use('/jobs/:id/run', emptyBody, limitInFlight(maxRunsInFlight));
  api.use('/jobs/:id/pause', emptyBody);
  api.use('/jobs/:id/resume', emptyBody);
  api.openapi(save, async (c) => {
    const job = await saveJob(saving, saveJobSchema.parse(c.req.valid('json')));
    c.header('Location', `/api/v1/jobs/${job.id}`);
    return c.json(job, 201);
  });
  api.openapi(list, async (c) => c.json(await listJobs({ ...store, schedules }, c.req.valid('query')), 200));
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const { lastTasks, ...job } = await getJob({ ...store, schedules }, id);
    return c.json({ ...job, lastTasks: lastTasks.map(toTaskResponse) }, 200);
  });
  api.openapi(replace, async (c) => {
    const input = saveJobSchema.parse(c.req.valid('json'));
    return c.json(await saveJob(saving, input, c.req.valid('param').id), 200);
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
    const items = await listNextRuns({ ...store, schedules }, c.req.valid('param').id, c.req.valid('query').n);
    return c.json({ items }, 200);
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
    const { id } = c.req.valid('param');
    await deleteJob({ ...store, schedules, orchestrator, log }, id);
    return c.json({ jobId: id }, 202);
  });
  return api;
}
