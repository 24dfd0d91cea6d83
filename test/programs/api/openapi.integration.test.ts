import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { definedIn, type MarkdownDocument, readDocuments } from '../../support/docs/markdown.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';

const documents = await readDocuments('{README*,docs/**/*}.md');
const reference = documents.filter(({ file }) => file.startsWith('docs/reference/'));

interface Command {
  text: string;
  method: string;
  path: string;
  body?: string;
}

/** Parses the curl commands of the documents; `$api` and line continuations are resolved. */
function commandsOf(document: MarkdownDocument): Command[] {
  const lines = document.text.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line): Command[] => {
    const path = /^curl .*?(?:localhost:8300\/api\/v1|\$api)(\/[^'"?#]*?)(?=['"?]|\s-|\s+#|\s*$)/.exec(line)?.[1];
    if (path === undefined) return [];
    const body = / -d '([^']*)'/.exec(line)?.[1];
    const method = / -X (\w+)/.exec(line)?.[1] ?? (/ -[dF] /.test(line) ? 'POST' : 'GET');
    return [{ text: line, method, path, ...(body !== undefined && { body }) }];
  });
}

/** Without duplicates: the Chinese README repeats some commands. */
const commands = [...new Map(documents.flatMap(commandsOf).map((command) => [command.text, command])).values()];
let api: TestApi;
let paths: Record<string, Record<string, { requestBody?: { required?: boolean } }>>;
beforeAll(async () => {
  api = await openApi();
  paths = (await api.send('/openapi.json', {})).body.paths;
});
afterAll(() => api.close());

describe('an optional body in the OpenAPI document', () => {
  test('can be omitted with a JSON content type, and also without one if there is a token', async () => {
    const optional = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { requestBody }]) =>
        requestBody && !requestBody.required ? [`${method} ${path} ${requestBody.required}`] : [],
      ),
    );
    expect(optional.sort()).toEqual([
      'post /api/v1/deliveries/dry-run false',
      'post /api/v1/jobs/{id}/pause false',
      'post /api/v1/jobs/{id}/resume false',
      'post /api/v1/jobs/{id}/run false',
      'post /api/v1/tasks/{id}/stop false',
    ]);
    const id = await api.saveJob();
    const headers = { 'content-type': 'application/json' };
    for (const path of ['/deliveries/dry-run', `/jobs/${id}/pause`, `/jobs/${id}/resume`, `/jobs/${id}/run`]) {
      const { status, body } = await api.send(`/api/v1${path}`, { method: 'POST', headers });
      // A manual job cannot be paused: the error is about the job, not about the body.
      expect([path, status < 300 || body.code === 'conflict', body]).toEqual([path, true, body]);
    }
    expect((await api.send(`/api/v1/tasks/${id}-1/stop`, { method: 'POST', headers })).status).toBe(202);
  });

  test('cannot be omitted where it is required', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await api.send('/api/v1/jobs', { method: 'POST', headers });
    expect(answer).toMatchObject({ status: 400, body: { detail: 'the body is empty; expected JSON' } });
  });
});

describe('docs/reference', () => {
  const pagesOf = (name: string) => reference.filter((page) => definedIn(page).includes(name)).map(({ file }) => file);

  test('api.md lists exactly the paths of the OpenAPI document', () => {
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/^\/api\/v1/, '')}`),
    );
    const page = 'docs/reference/api.md';
    expect(operations.map((name) => [name, pagesOf(name)])).toEqual(operations.map((name) => [name, [page]]));
    const defined = reference.filter(({ file }) => file === page).flatMap(definedIn);
    expect(defined.sort()).toEqual(operations.sort());
  });

  test('metrics.md lists exactly the metrics of a server', async () => {
    const text: string = (await api.send('/metrics', {})).body;
    const metrics = [...text.matchAll(/^# TYPE (brightbird_\w+)/gm)].map(([, name = '']) => name);
    const page = 'docs/reference/metrics.md';
    const documented = reference.map((each) => ({
      file: each.file,
      names: definedIn(each)
        .filter((name) => name.startsWith('brightbird_'))
        .map((name) => name.replace(/\{.*/, '')),
    }));
    expect(documented.filter(({ names }) => names.length > 0).map(({ file }) => file)).toEqual([page]);
    expect(documented.flatMap(({ names }) => names).sort()).toEqual(metrics.sort());
  });
});

// Last: a command deletes the plugin that flows of these tests use.
test('the documents contain curl commands', () => {
  expect(commands.length).toBeGreaterThan(20);
});

test.each(commands)(
  'the server accepts the documented command without a token: $text',
  async ({ text, method, path, body }) => {
    const filled = path.replace(/<[^>]*>|\$[A-Z]+/g, 'an-id');
    const isForm = text.includes(' -F ');
    const isJson = /-H ('content-type: application\/json'|"\$json")/.test(text);
    const headers = isForm
      ? { 'content-type': 'multipart/form-data; boundary=x' }
      : isJson
        ? { 'content-type': 'application/json' }
        : undefined;
    const sent = { method, ...(headers && { headers }), ...(body !== undefined && { body }) };
    const answer = await api.send(`/api/v1${filled}`, sent);
    // The ids of the example do not exist here; everything else must be valid.
    const isUnknown = answer.status === 404 && answer.body.detail !== 'unknown path';
    const isAboutId = isUnknown || (method === 'DELETE' && answer.status === 409);
    const isAboutFlow = answer.status === 422 && answer.body.where?.path === 'testFlowId';
    const isIncomplete = answer.status === 400 && (isForm || text.includes('?') || text.includes('@'));
    expect([answer.status < 300 || isAboutId || isAboutFlow || isIncomplete, answer.status, answer.body]).toEqual([
      true,
      answer.status,
      answer.body,
    ]);
  },
);
