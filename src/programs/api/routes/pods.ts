import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { containerStates, listPods } from '../../../services/tasks/list-pods.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { faultSchema, idParam, jsonResponse, problemResponses, waitingSchema } from '../schemas/common-schemas.ts';

const podSchema = z
  .object({
    name: z.string(),
    uid: z.string().optional(),
    attempt: z.number().int(),
    role: z.enum(['runner', 'component']),
    containers: z.array(
      z
        .object({
          id: z.string(),
          name: z.string(),
          source: z.string(),
          state: z.enum(containerStates),
          startedAt: z.string().optional(),
          finishedAt: z.string().optional(),
          exitCode: z.number().int().optional(),
          outOfMemory: z.boolean().optional(),
          restarts: z.number().int().optional(),
          fault: faultSchema.optional(),
        })
        .openapi('Container'),
    ),
    waiting: waitingSchema.optional(),
    logs: z.string(),
  })
  .openapi('Pod');

const list = createRoute({
  method: 'get',
  path: '/tasks/{id}/pods',
  operationId: 'listPods',
  summary: 'List the pods of a task',
  description: 'Returns the last recorded states of the containers, without a request to the cluster or engine.',
  tags: ['tasks'],
  request: { params: idParam },
  responses: {
    200: jsonResponse(z.object({ items: z.array(podSchema) }), 'Pods, ordered by attempt and start'),
    ...problemResponses('invalid_request', 'not_found', 'gone'),
  },
});

export function podsApi({ store }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    const pods = await listPods(store, id);
    const items = pods.map((pod) => {
      const query = new URLSearchParams({ pod: pod.name, attempt: String(pod.attempt) });
      return { ...pod, logs: `/api/v1/tasks/${id}/logs?${query}` };
    });
    return c.json({ items }, 200);
  });
  return api;
}
