import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { retryVersions } from '../../../model/attempt.ts';
import { holdSchema } from '../../../model/hold.ts';
import { holdTask, releaseTask } from '../../../services/tasks/hold-task.ts';
import { retryFromStart } from '../../../services/tasks/retry-from-start.ts';
import { retryFromFailed } from '../../../services/tasks/retry-task.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import {
  bodyCodes,
  idParam,
  jsonResponse,
  keyHeader,
  problemResponses,
  timestampSchema,
} from '../schemas/common-schemas.ts';

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
  summary: 'Extend the hold of a task',
  description: 'Sets the end of the hold, counted from now.',
  tags,
  request: {
    params: idParam,
    headers: keyHeader,
    body: { required: true, content: { 'application/json': { schema: z.strictObject({ for: holdSchema }) } } },
  },
  responses: {
    200: jsonResponse(z.object({ taskId: z.string(), heldUntil: timestampSchema }), 'The new end of the hold'),
    ...problemResponses(...bodyCodes, 'not_found', 'conflict', 'input_invalid'),
  },
});
const release = createRoute({
  method: 'post',
  path: '/tasks/{id}/release',
  operationId: 'releaseTask',
  summary: 'End the hold of a task',
  description: 'Cleans the task up; its result stays the failure.',
  tags,
  request: { params: idParam, headers: keyHeader },
  responses: {
    202: jsonResponse(z.object({ taskId: z.string() }), 'Accepted; the cleanup is complete once the state is final'),
    ...problemResponses('invalid_request', 'unsupported_media_type', 'not_found', 'conflict'),
  },
});
const retry = createRoute({
  method: 'post',
  path: '/tasks/{id}/retry',
  operationId: 'retryTask',
  summary: 'Retry a task',
  description: 'Retries a held task from its failed step in the same environment, or an ended task from the start.',
  tags,
  request: {
    params: idParam,
    headers: keyHeader,
    body: { required: true, content: { 'application/json': { schema: retrySchema } } },
  },
  responses: {
    202: jsonResponse(z.object({ taskId: z.string(), attempt: z.number().int() }), 'Accepted: the next attempt'),
    ...problemResponses(...bodyCodes, 'not_found', 'conflict', 'too_many_requests', 'input_invalid'),
  },
});

/** Routes to hold, release and retry tasks whose test has failed. */
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
    const retried =
      wanted.from === 'start'
        ? await retryFromStart(ports, id, { versions: wanted.versions, ...who })
        : await retryFromFailed(ports, id, { input: wanted.input, ...who });
    return c.json({ taskId: id, ...retried }, 202);
  });
  return api;
}
