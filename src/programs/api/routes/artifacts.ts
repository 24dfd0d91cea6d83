import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import mime from 'mime-types';
import { testCaseStates } from '../../../language/junit/test-case.ts';
import { requireFound } from '../../../model/require-found.ts';
import { checkAttempt } from '../../../services/logs/check-filter.ts';
import { requireLogsRetained } from '../../../services/logs/require-logs-retained.ts';
import { listTestCases } from '../../../services/tasks/list-test-cases.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { faultSchema, idParam, jsonResponse, problemResponses } from '../schemas/common-schemas.ts';

const attempt = z.coerce.number().int().min(1).optional();
const attemptQuery = z.strictObject({ attempt });
const fileQuery = z.strictObject({ attempt, step: z.string().min(1).max(100), path: z.string().min(1).max(1000) });
const source = { step: z.string(), path: z.string() };
const tags = ['tasks'];

const artifactSchema = z
  .object({
    ...source,
    sizeBytes: z.number().int(),
    complete: z.boolean(),
    content: z.string(),
  })
  .openapi('Artifact');
const testCaseSchema = z
  .object({
    ...source,
    name: z.string(),
    className: z.string().optional(),
    suite: z.string().optional(),
    state: z.enum(testCaseStates),
    seconds: z.number().optional(),
    message: z.string().optional(),
    flaky: z.boolean().optional(),
  })
  .openapi('TestCase');
const number = z.number().int();
const totalsSchema = z
  .object({
    tests: number,
    passed: number,
    failed: number,
    error: number,
    skipped: number,
    flaky: number,
    seconds: z.number(),
  })
  .openapi('TestTotals');

const list = createRoute({
  method: 'get',
  path: '/tasks/{id}/artifacts',
  operationId: 'listArtifacts',
  summary: 'List the artifacts of a task',
  description: 'Returns the files that the steps left, ordered by step and path.',
  tags,
  request: { params: idParam, query: attemptQuery },
  responses: {
    200: jsonResponse(z.object({ items: z.array(artifactSchema) }), 'Artifacts, ordered by step and path'),
    ...problemResponses('invalid_request', 'not_found', 'gone'),
  },
});
const content = createRoute({
  method: 'get',
  path: '/tasks/{id}/artifacts/content',
  operationId: 'getArtifact',
  summary: 'Get the content of an artifact',
  description: 'Returns the file as an attachment, with the media type of its file name.',
  tags,
  request: { params: idParam, query: fileQuery },
  responses: {
    200: { description: 'The file, with the media type of its file name', content: { '*/*': { schema: z.string() } } },
    ...problemResponses('invalid_request', 'not_found', 'gone'),
  },
});
const cases = createRoute({
  method: 'get',
  path: '/tasks/{id}/testcases',
  operationId: 'listTestCases',
  summary: 'List the test cases of a task',
  description:
    'Returns the test cases of the JUnit files among the artifacts, ordered by step and path. Other XML files are listed as warnings.',
  tags,
  request: { params: idParam, query: attemptQuery },
  responses: {
    200: jsonResponse(
      z.object({
        items: z.array(testCaseSchema),
        totals: totalsSchema,
        warnings: z.array(z.object({ ...source, message: z.string() })),
        unreadable: z.array(z.object({ ...source, error: faultSchema })),
      }),
      'Test cases, ordered by step and path; other XML files are listed as warnings',
    ),
    ...problemResponses('invalid_request', 'not_found', 'gone'),
  },
});

export function artifactsApi({ store }: ApiParts): Api {
  const { tasks, artifacts } = store;
  const api = new OpenAPIHono<ApiEnv>();
  const attemptOf = async (id: string, wanted: number | undefined): Promise<number> => {
    const task = requireLogsRetained(requireFound(await tasks.summary(id), `task ${id}`), 'task');
    checkAttempt(task, wanted);
    return wanted ?? task.attempt;
  };
  api.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    const number = await attemptOf(id, c.req.valid('query').attempt);
    const files = await artifacts.list(id, number);
    const items = files.map(({ size, ...file }) => {
      const query = new URLSearchParams({ attempt: String(number), step: file.step, path: file.path });
      return { ...file, sizeBytes: size, content: `/api/v1/tasks/${id}/artifacts/content?${query}` };
    });
    return c.json({ items }, 200);
  });
  api.openapi(content, async (c) => {
    const { id } = c.req.valid('param');
    const { attempt: wanted, step, path } = c.req.valid('query');
    const data = await artifacts.read(id, await attemptOf(id, wanted), step, path);
    const file = requireFound(data, `file ${path} of step ${step}`, 'GET /tasks/{id}/artifacts lists the artifacts');
    // A file of a test must never render as a page of this server.
    c.header('content-type', contentType(path, file));
    c.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`);
    return c.body(new Uint8Array(file), 200);
  });
  api.openapi(cases, async (c) => {
    const { id } = c.req.valid('param');
    const attempt = await attemptOf(id, c.req.valid('query').attempt);
    const { cases: items, ...rest } = await listTestCases(store, id, attempt);
    return c.json({ items, ...rest }, 200);
  });
  return api;
}

/** Returns the content type by file name, with charset for UTF-8 text. Scripts become text/plain, so that no page runs them. */
function contentType(path: string, content: Buffer): string {
  const known = mime.lookup(path) || 'application/octet-stream';
  const type = /javascript|ecmascript/.test(known) ? 'text/plain' : known;
  return type.startsWith('text/') && isUtf8(content) ? `${type}; charset=utf-8` : type;
}
