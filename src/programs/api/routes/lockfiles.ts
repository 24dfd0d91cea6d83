import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { globalsSchema } from '../../../model/flow.ts';
import { requireFound } from '../../../model/require-found.ts';
import { compareLockfiles } from '../../../services/tasks/compare-lockfiles.ts';
import { lockfileOf } from '../../../services/tasks/lockfile.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { idParam, jsonResponse, problemResponses } from '../schemas/common-schemas.ts';

const lockedSchema = z
  .object({
    version: z.string(),
    commit: z.string(),
    image: z.string(),
    digest: z.string().optional(),
  })
  .openapi('LockedImage');
const lockfileSchema = z
  .object({
    taskId: z.string(),
    testFlowId: z.string(),
    flowRevision: z.number().int(),
    globals: globalsSchema,
    plugins: z.array(z.object({ plugin: z.string(), version: z.string() })),
    components: z.array(lockedSchema.extend({ plugin: z.string(), repo: z.string() })),
  })
  .openapi('Lockfile');
const flowAt = z.object({ testFlowId: z.string(), revision: z.number().int() }).openapi('FlowAtRevision');
const comparisonSchema = z
  .object({
    from: z.string(),
    to: z.string(),
    same: z.boolean(),
    flow: z.object({ same: z.boolean(), from: flowAt, to: flowAt }),
    globals: z.array(z.object({ name: z.string(), from: z.unknown().optional(), to: z.unknown().optional() })),
    plugins: z.array(z.object({ plugin: z.string(), from: z.array(z.string()), to: z.array(z.string()) })),
    components: z.array(
      z.object({
        plugin: z.string(),
        repo: z.string(),
        same: z.boolean(),
        from: lockedSchema.optional(),
        to: lockedSchema.optional(),
        commits: z.object({ ahead: z.number().int(), behind: z.number().int() }).optional(),
      }),
    ),
  })
  .openapi('LockfileComparison');
const tags = ['tasks'];

const get = createRoute({
  method: 'get',
  path: '/tasks/{id}/lockfile',
  operationId: 'getLockfile',
  summary: 'Get the lockfile of a task',
  description: 'Returns the versions that reproduce the task: flow revision, globals, plugins, commits, images.',
  tags,
  request: { params: idParam },
  responses: {
    200: jsonResponse(lockfileSchema, 'Flow revision, globals, plugins, commits and images'),
    ...problemResponses('invalid_request', 'not_found', 'conflict'),
  },
});
const compare = createRoute({
  method: 'get',
  path: '/tasks/{id}/lockfile/compare',
  operationId: 'compareLockfiles',
  summary: 'Compare the lockfiles of two tasks',
  description: 'Returns the differences by component.',
  tags,
  request: { params: idParam, query: z.strictObject({ with: z.string().min(1).max(200) }) },
  responses: {
    200: jsonResponse(comparisonSchema, 'The differences by component'),
    ...problemResponses('invalid_request', 'not_found', 'conflict'),
  },
});

export function lockfilesApi({ store, history }: ApiParts): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(lockfileOf(requireFound(await store.tasks.get(id), `task ${id}`)), 200);
  });
  api.openapi(compare, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(await compareLockfiles({ ...store, history }, id, c.req.valid('query').with), 200);
  });
  return api;
}
