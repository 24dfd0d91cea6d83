import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { retryVersions } from '../../../model/attempt.ts';
import { holdSchema } from '../../../model/hold.ts';
import { holdTask, releaseTask } from '../../../services/tasks/hold-task.ts';
import { retryFromStart } from '../../../services/tasks/retry-from-start.ts';
import { retryFailed } from '../../../services/tasks/retry-task.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { badBody, idParam, json, keyHeader, problems, time } from '../schemas/common-schemas.ts';

const retrySchema = z
  .discriminatedUnion('from', [
    z.strictObject({
      from: z.literal('failed'),
      input: z.record(z.string(), z.unknown()).optional(),
    }),
    z.strictObject({
      from: z.literal('start'),
      versions: z.enum(retryVersions).default('locked'),
    }),
  ])
  .openapi('RetryTask');
const tags = ['tasks'];

const hold = createRoute({
  method: 'post',
  path: '/tasks/{id}/hold',
  operationId: 'holdTask',
  summary: 'Keep the environment of a held task longer',
  description: 'Counted from now on.',
  tags,
  request: {
    params: idParam,
    headers: keyHeader,
    body: { required: true, content: { 'application/json': { schema: z.strictObject({ for: holdSchema }) } } },
  },
  responses: {
    200: json(z.object({ taskId: z.string(), heldUntil: time }), 'Held until then'),
    ...problems(...badBody, 'not_found', 'conflict', 'input_invalid'),
  },
});
const release = createRoute({
  method: 'post',
  path: '/tasks/{id}/release',
  operationId: 'releaseTask',
  summary: 'End the hold of a task',
  description: 'The task is cleaned up and settles as the failure that it was.',
  tags,
  request: { params: idParam, headers: keyHeader },
  responses: {
    202: json(z.object({ taskId: z.string() }), 'Accepted; all is gone once its state is final'),
    ...problems('invalid_request', 'unsupported_media_type', 'not_found', 'conflict'),
  },
});
const retry = createRoute({
  method: 'post',
  path: '/tasks/{id}/retry',
  operationId: 'retryTask',
  summary: 'Retry a task',
  description: 'From its failed step in the environment that is held, or any ended task from the start.',
  tags,
  request: {
    params: idParam,
    headers: keyHeader,
    body: { required: true, content: { 'application/json': { schema: retrySchema } } },
  },
  responses: {
    202: json(z.object({ taskId: z.string(), attempt: z.number().int() }), 'Accepted: the next attempt'),
    ...problems(...badBody, 'not_found', 'conflict', 'too_many_requests', 'input_invalid'),
  },
});

/** What people ask of tasks whose test has failed. */
export function steeringApi({ store, steering, orchestrator }: ApiParts): Api {
  const ports = { ...store, steering, orchestrator };
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(hold, async (c) => {
    const { id } = c.req.valid('param');
    const request = { text: c.req.valid('json').for, key: c.req.valid('header')['idempotency-key'] };
    return c.json({ taskId: id, ...(await holdTask(ports, id, request)) }, 200);
  });
  api.openapi(release, async (c) => {
    const { id } = c.req.valid('param');
    await releaseTask(ports, id, c.req.valid('header')['idempotency-key']);
    return c.json({ taskId: id }, 202);
  });
  api.openapi(retry, async (c) => {
    const { id } = c.req.valid('param');
    const wanted = retrySchema.parse(c.req.valid('json'));
    const who = { by: c.get('user'), key: c.req.valid('header')['idempotency-key'] };
    const answer =
      wanted.from === 'start'
        ? await retryFromStart(ports, id, { versions: wanted.versions, ...who })
        : await retryFailed(ports, id, { input: wanted.input, ...who });
    return c.json({ taskId: id, ...answer }, 202);
  });
  return api;
}
