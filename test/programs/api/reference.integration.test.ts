import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { faultCatalogue } from '../../../src/model/fault.ts';
import type { ApiParts } from '../../../src/programs/api/env.ts';
import { addDescriptions } from '../../../src/programs/api/reference/describe-fields.ts';
import { addExamples } from '../../../src/programs/api/reference/give-examples.ts';
import { type OpenApiDocument, operationsOf } from '../../../src/programs/api/reference/openapi-types.ts';

// As in programs, the model is loaded before the OpenAPI library.
await import('../../../src/model/flow.ts');
await import('../../../src/model/job.ts');
const { createApi } = await import('../../../src/programs/api/create-api.ts');

const root = join(import.meta.dirname, '../../..');

/** Creates the API without ports: these tests only use its description. */
function bareApi(token?: string) {
  const nothing: unknown = new Proxy(() => undefined, { get: () => nothing });
  const config = { BRIGHTBIRD_ADMIN_TOKEN: token, NAMESPACE: 'tests' };
  return createApi(new Proxy({}, { get: (_parts, name) => (name === 'config' ? config : nothing) }) as ApiParts);
}

const documentOf = async (token?: string): Promise<OpenApiDocument> =>
  (await (await bareApi(token).request('/openapi.json')).json()) as OpenApiDocument;
const document = await documentOf();
const operations = operationsOf(document);

test.each([
  ['with a token', 'a-token-of-the-tests'],
  ['without a token', undefined],
])('Redocly reports no problem in the OpenAPI document of a server %s', async (_which, token) => {
  const folder = await mkdtemp(join(tmpdir(), 'brightbird-openapi-'));
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(await documentOf(token)));
    const redocly = join(root, 'node_modules/@redocly/cli/bin/cli.js');
    // Probes have no client errors.
    const rules = ['--extends=recommended-strict', '--skip-rule=operation-4xx-response'];
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const lint = promisify(execFile)(process.execPath, [redocly, 'lint', file, ...rules], { cwd: folder, env });
    expect(await lint.then(() => 'ok').catch(({ stdout, stderr }) => `${stdout}${stderr}`)).toBe('ok');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('every operation has a unique id, a summary, a description, and its error responses', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(ids.filter((id, at) => id === undefined || ids.indexOf(id) !== at)).toEqual([]);
  for (const { path, method, operation } of operations) {
    const { summary, description, tags, responses } = operation;
    const where = `${method} ${path}`;
    expect([where, summary, description, tags]).toEqual([
      where,
      expect.any(String),
      expect.any(String),
      [expect.any(String)],
    ]);
    const errors = Object.keys(responses).filter((status) => Number(status) >= 400);
    expect([where, errors]).toEqual([where, path === '/healthz' ? [] : expect.arrayContaining(['500', '503'])]);
    if (path.includes('{id}')) expect([where, errors]).toEqual([where, expect.arrayContaining(['400', '404'])]);
  }
});

test('every field and parameter has a description, and every description is used', () => {
  const raw = bareApi().getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'test', version: '1' } });
  expect(addDescriptions(JSON.parse(JSON.stringify(raw)))).toEqual({ unused: [], missing: [] });
});

test('every request with versions describes their keys and values', () => {
  for (const name of ['SaveJob', 'RunJob']) {
    const { description } = document.components.schemas[name]?.properties?.versions ?? {};
    expect(description).toContain("a key is a plugin's name, a value is a commit, a branch, a tag, or ''");
  }
});

test('every string of an example has its own value', () => {
  const raw = bareApi().getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'test', version: '1' } });
  expect(addExamples(JSON.parse(JSON.stringify(raw)))).toEqual([]);
});

describe('examples', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: 'openapi' });
  const pointer = (...parts: string[]) =>
    `openapi#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  const bodies = operations.flatMap(({ path, method, operation: { requestBody, responses } }) => [
    ...Object.entries(requestBody?.content ?? {}).map(([type, { example }]) => {
      return { at: ['paths', path, method, 'requestBody', 'content', type, 'schema'], type, example };
    }),
    ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, { example }]) => {
        return { at: ['paths', path, method, 'responses', status, 'content', type, 'schema'], type, example };
      }),
    ),
  ]);
  const shared = Object.entries(document.components.responses ?? {}).map(([name, { content = {} }]) => {
    const type = 'application/problem+json';
    return { at: ['components', 'responses', name, 'content', type, 'schema'], type, example: content[type]?.example };
  });
  test.each([...bodies, ...shared].filter(({ type }) => type.endsWith('json')))(
    'the example at $at exists and matches its schema',
    ({ at, example }) => {
      expect(example).toBeDefined();
      const validate = ajv.compile({ $ref: pointer(...at) });
      validate(example);
      expect(validate.errors ?? []).toEqual([]);
    },
  );
});

test('the documented security of each operation matches its authentication', async () => {
  const secured = await documentOf('a-token-of-the-tests');
  expect([secured, document].map(({ security }) => security)).toEqual([[{ token: [] }], [{}]]);
  const own = operationsOf(secured).flatMap(({ path, operation: { security } }) =>
    security ? [[path, security]] : [],
  );
  expect(Object.fromEntries(own)).toEqual({
    '/healthz': [],
    '/readyz': [],
    '/webhooks/github': [{ webhookSignature: [] }],
  });
});

describe('the pages under /docs', () => {
  const api = bareApi('a-token-of-the-tests');
  let made = 0;
  const describeAs = api.getOpenAPI31Document;
  api.getOpenAPI31Document = (...given) => {
    made += 1;
    return describeAs(...given);
  };
  const paths = [
    '/openapi.json',
    '/docs',
    '/docs/errors',
    '/docs/page.css',
    '/docs/start.js',
    '/docs/swagger-ui.css',
    '/docs/swagger-ui-bundle.js',
  ];

  test.each(paths)(
    '%s is served without the token, compressed if accepted, and with 304 if unchanged',
    async (path) => {
      const plain = await api.request(path);
      const zipped = await api.request(path, { headers: { 'accept-encoding': 'br, gzip' } });
      expect([plain.status, zipped.status, zipped.headers.get('content-encoding')]).toEqual([200, 200, 'gzip']);
      expect(gunzipSync(await zipped.arrayBuffer()).toString()).toBe(await plain.text());
      const etags = [plain, zipped].map(({ headers }) => headers.get('etag') ?? '');
      expect(new Set(etags).size).toBe(2);
      const again = await api.request(path, { headers: { 'if-none-match': etags[0] ?? '' } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    },
  );

  test('create the OpenAPI document once for all requests', async () => {
    for (let n = 0; n < 5; n += 1) await (await api.request('/openapi.json')).text();
    expect(made).toBe(1);
  });

  test('the content security policy of a page allows only this server, and of other responses nothing', async () => {
    const policyOf = async (path: string) => (await api.request(path)).headers.get('content-security-policy');
    for (const path of ['/docs', '/docs/errors']) {
      expect(await policyOf(path)).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
    }
    for (const path of ['/openapi.json', '/api/v1/jobs', '/docsx']) {
      expect(await policyOf(path)).toBe("default-src 'none'; frame-ancestors 'none'");
    }
  });

  test.each(['/docs', '/docs/errors'])(
    '%s has no inline script or style, and links only to this server',
    async (path) => {
      const page = await (await api.request(path)).text();
      expect(page).not.toMatch(/<style|<script>| style=| on[a-z]+=/);
      const links = [...page.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, link = '']) => link);
      for (const link of links.filter((one) => one !== 'data:,')) {
        expect([link, (await api.request(link)).status]).toEqual([link, 200]);
      }
    },
  );

  test('the type of a problem links to the section of its code with a fix', async () => {
    const problem = (await (await api.request('/nothing')).json()) as { type: string };
    expect(problem).toMatchObject({ type: '/docs/errors#not_found', code: 'not_found' });
    const page = await (await api.request(problem.type)).text();
    const sections = [...page.matchAll(/<section id="(\w+)">.*?What to do:<\/strong> .+?<\/section>/gs)];
    expect(sections.map(([, code]) => code)).toEqual(Object.keys(faultCatalogue));
  });
});
