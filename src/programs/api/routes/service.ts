import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Fault } from '../../../model/fault.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { json, problemsOf } from '../schemas/common-schemas.ts';

/** How long each part has to answer, in milliseconds. */
const answerWithin = 3000;

const ok = z.object({ status: z.literal('ok') });
const tags = ['service'];
const health = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getLiveness',
  summary: 'Check that this process answers',
  description: 'The liveness probe of deployments: it asks nothing of MongoDB or Temporal.',
  tags,
  security: [],
  responses: { 200: json(ok, 'It does') },
});
const ready = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  summary: 'Check that MongoDB, Temporal and the cluster answer',
  description:
    'The readiness probe of deployments. `errors` of a 503 names each part that does not answer within 3 s; the cluster is asked where this process knows one.',
  tags,
  security: [],
  responses: { 200: json(ok, 'All do'), ...problemsOf('unavailable', 'internal') },
});

export function serviceApi({ store, orchestrator, runtime }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(health, (c) => c.json({ status: 'ok' as const }, 200));
  api.openapi(ready, async (c) => {
    const parts = { MongoDB: store, Temporal: orchestrator };
    const silent = await Promise.all(
      Object.entries(parts).map(async ([name, part]) => ((await part.healthy(answerWithin)) ? [] : [name])),
    );
    const mistakes = silent.flat().map((name) => ({
      message: `${name} does not answer within ${answerWithin / 1000} s`,
      where: { path: name },
      hint: name === 'MongoDB' ? 'see that it runs, and MONGODB_URI' : 'see that it runs, and TEMPORAL_ADDRESS',
    }));
    mistakes.push(...(await clusterMistakes(runtime)));
    if (mistakes.length === 0) return c.json({ status: 'ok' as const }, 200);
    throw new Fault('unavailable', mistakes.map(({ message }) => message).join('; '), { mistakes });
  });
  return api;
}

async function clusterMistakes(
  runtime: ApiParts['runtime'],
): Promise<{ message: string; where: { path: string }; hint: string }[]> {
  try {
    await runtime?.check?.(AbortSignal.timeout(answerWithin));
    return [];
  } catch (error) {
    const { message, hint = 'see that the cluster runs, and KUBECONFIG' } = error as Partial<Fault>;
    return [{ message: message ?? String(error), where: { path: 'cluster' }, hint }];
  }
}
