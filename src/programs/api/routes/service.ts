import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Fault } from '../../../model/fault.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { jsonResponse, publicProblemResponses } from '../schemas/common-schemas.ts';

/** Timeout of each part. */
const answerTimeoutMs = 3000;

const ok = z.object({ status: z.literal('ok') });
const tags = ['service'];
const health = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getLiveness',
  summary: 'Check that this process responds',
  description: 'Liveness probe; does not depend on MongoDB or Temporal.',
  tags,
  security: [],
  responses: { 200: jsonResponse(ok, 'The process responds') },
});
const ready = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  summary: 'Check that MongoDB, Temporal and the cluster respond',
  description:
    'Readiness probe. `errors` of a 503 lists each part that does not respond within 3 s. Includes the cluster if this server has one.',
  tags,
  security: [],
  responses: { 200: jsonResponse(ok, 'All parts respond'), ...publicProblemResponses('unavailable', 'internal') },
});

export function serviceApi({ store, orchestrator, runtime }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(health, (c) => c.json({ status: 'ok' as const }, 200));
  api.openapi(ready, async (c) => {
    const parts = { MongoDB: store, Temporal: orchestrator };
    const unavailable = await Promise.all(
      Object.entries(parts).map(async ([name, part]) => ((await part.healthy(answerTimeoutMs)) ? [] : [name])),
    );
    const issues = unavailable.flat().map((name) => ({
      message: `${name} does not respond within ${answerTimeoutMs / 1000} s`,
      where: { path: name },
      hint:
        name === 'MongoDB'
          ? 'check that it runs, and check MONGODB_URI'
          : 'check that it runs, and check TEMPORAL_ADDRESS',
    }));
    issues.push(...(await checkCluster(runtime)));
    if (issues.length === 0) return c.json({ status: 'ok' as const }, 200);
    throw new Fault('unavailable', issues.map(({ message }) => message).join('; '), { issues });
  });
  return api;
}

async function checkCluster(
  runtime: ApiParts['runtime'],
): Promise<{ message: string; where: { path: string }; hint: string }[]> {
  try {
    await runtime?.check?.(AbortSignal.timeout(answerTimeoutMs));
    return [];
  } catch (error) {
    const { message, hint = 'check that the cluster runs, and check KUBECONFIG' } = error as Partial<Fault>;
    return [{ message: message ?? String(error), where: { path: 'cluster' }, hint }];
  }
}
