import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { type Listening, listen } from '../../../src/programs/api/listen.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let server: Listening;
let flowId: string;
beforeAll(async () => {
  api = await openApi();
  server = await listen(api.api, { HOST: '127.0.0.1', PORT: 0 });
  flowId = (await api.post('/testflows', { name: 'good', graph: flow('x') })).body.id;
});
afterAll(async () => {
  // Nothing that was rejected may be partially saved.
  expect((await api.get('/testflows')).body.items).toHaveLength(1);
  expect((await api.get('/jobs')).body.items).toEqual([]);
  await server.stop();
  await api.close();
});

const flow = (script: string) => `pipeline:\n  s: {plugin: bash, input: {script: ${script}}}\n`;
const many = (count: number, one: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => one(i)).join('');
const record = <T>(count: number, one: (index: number) => [string, T]) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => one(i)));

/** Returns nine levels of maps, each merged or listed nine times in the next. */
const levels = (write: (inner: string) => string) =>
  `x-0: &a0 {k: v}\n${many(9, (i) => `x-${i + 1}: &a${i + 1} ${write(Array(9).fill(`*a${i}`).join(', '))}\n`)}`;

const graphs: [string, string][] = [
  ['merge keys over nine levels in an input', `${levels((l) => `{<<: [${l}]}`)}${flow('{<<: *a9}')}`],
  ['merge keys over nine levels in the pipeline', `${levels((l) => `{<<: [${l}]}`)}pipeline:\n  <<: *a9\n`],
  ['merge keys over nine levels at the top', `${levels((l) => `{<<: [${l}]}`)}<<: *a9\n${flow('x')}`],
  ['merge keys over nine levels in the globals', `${levels((l) => `{<<: [${l}]}`)}globals: *a9\n${flow('x')}`],
  ['lists over nine levels', `${levels((l) => `[${l}]`)}${flow('*a9')}`],
  [
    'maps over nine levels',
    `${levels(
      (l) =>
        `{${l
          .split(', ')
          .map((a, i) => `k${i}: ${a}`)
          .join(', ')}}`,
    )}${flow('*a9')}`,
  ],
  ['a key nine levels deep', `${levels((l) => `[${l}]`)}${flow('{? *a9 : x}')}`],
  ['300,000 brackets', flow('['.repeat(300_000))],
  ['300,000 braces', flow('{'.repeat(300_000))],
  ['brackets and braces by turns', flow('[{a: '.repeat(100_000))],
  ['300,000 closing brackets', flow(']'.repeat(300_000))],
  ['300,000 dashes', `pipeline: \n${'- '.repeat(300_000)}`],
  ['300,000 question marks', `pipeline:\n${'? '.repeat(300_000)}`],
  ['maps nested by their indents', many(900, (i) => `${' '.repeat(i)}a:\n`)],
  ['120,000 references in one text', flow(`"${'{{global.a}}'.repeat(75_000)}"`)],
  ['120,000 references in a list', flow(`[${'"{{a}}", '.repeat(90_000)}]`)],
  ['20,000 references to steps', flow(`"${'{{b.c}}'.repeat(20_000)}"`)],
  ['120,000 globals', `globals: {${many(80_000, (i) => `g${i}: 1, `)}}\n${flow('x')}`],
  ['120,000 invalid globals', `globals: {${many(80_000, (i) => `g${i}: , `)}}\n${flow('x')}`],
  ['100,000 unknown keys', `${many(60_000, (i) => `k${i}: 1\n`)}${flow('x')}`],
  [
    '100,000 unknown keys of an input',
    `pipeline:\n  s: {plugin: bash, input: {${many(60_000, (i) => `k${i}: 1, `)}}}\n`,
  ],
  ['30,000 steps', `pipeline:\n${many(30_000, (i) => `  s${i}: {plugin: b}\n`)}`],
  ['400,000 values', flow(`[${'1, '.repeat(300_000)}]`)],
  ['250,000 anchors', flow(`[${'&a 1, '.repeat(120_000)}]`)],
  ['100,000 aliases', `x-a: &a 1\n${flow(`[${'*a, '.repeat(100_000)}]`)}`],
  ['20,000 unknown tags', flow(`[${'!x 1, '.repeat(100_000)}]`)],
  ['100,000 duplicate keys', flow(`{${'a: 1, '.repeat(100_000)}}`)],
  ['100,000 documents', `${flow('x')}${'---\n'.repeat(100_000)}`],
  ['a name of a plugin with a million letters', `pipeline:\n  s: {plugin: ${'x'.repeat(900_000)}}\n`],
  ['a name of a global with a million letters', flow(`"{{global.${'x'.repeat(900_000)}}}"`)],
  ['a name of a step with a million letters', flow(`"{{${'x'.repeat(900_000)}.a}}"`)],
  ['a path with 400,000 parts', flow(`"{{global${'.a'.repeat(400_000)}}}"`)],
  ['900,000 opening braces of references', flow(`"${'{{'.repeat(450_000)}"`)],
  ['needs of 100,000 steps', `pipeline:\n  s: {plugin: bash, needs: [${'s, '.repeat(100_000)}], input: {script: x}}\n`],
  ['an unclosed quote', flow(`"${'x\n '.repeat(200_000)}`)],
  ['900,000 colons', `a${':'.repeat(900_000)}`],
  ['900,000 spaces and a tab', `${' '.repeat(900_000)}\ta: [`],
  ['a number of 900,000 digits', flow('9'.repeat(900_000))],
  [
    'an environment of 100,000 invalid names',
    `pipeline:\n  s: {plugin: bash, input: {script: x, env: {${many(60_000, (i) => `"=${i}": x, `)}}}}\n`,
  ],
  [
    'an environment of 50,000 lists',
    `pipeline:\n  s: {plugin: bash, input: {script: x, env: {${many(40_000, (i) => `e${i}: [], `)}}}}\n`,
  ],
];

const bodies: [string, string, () => unknown][] = [
  [
    'globals of a flow, 60,000',
    '/testflows',
    () => ({ name: 'odd', graph: flow('x'), globalProperties: record(60_000, (i) => [`g${i}`, 1]) }),
  ],
  [
    'globals of a job, 60,000',
    '/jobs',
    () => ({ name: 'odd', testFlowId: flowId, globalProperties: record(60_000, (i) => [`g${i}`, 1]) }),
  ],
  [
    'globals of a job that are lists',
    '/jobs',
    () => ({ name: 'odd', testFlowId: flowId, globalProperties: record(60_000, (i) => [`g${i}`, []]) }),
  ],
  [
    'versions of 60,000 plugins',
    '/jobs',
    () => ({ name: 'odd', testFlowId: flowId, versions: record(60_000, (i) => [`p${i}`, '1']) }),
  ],
  [
    'a rule with repetitions of repetitions',
    '/jobs',
    () => ({
      name: 'odd',
      testFlowId: flowId,
      jobType: 'tag_created_hook',
      tagCreateEventMatches: [{ repo: 'o/r', tagPattern: '((a{500}){500}){500}' }],
    }),
  ],
  ['a global __proto__', '/jobs', () => `{"name":"odd","testFlowId":"${flowId}","globalProperties":{"__proto__":"x"}}`],
  ['NUL in a global', '/jobs', () => ({ name: 'odd', testFlowId: flowId, globalProperties: { a: 'x\0' } })],
  [
    'a lone surrogate in a description',
    '/testflows',
    () => `{"name":"odd","graph":${JSON.stringify(flow('x'))},"description":"\\ud800"}`,
  ],
  ['a million brackets as JSON', '/testflows', () => `${'['.repeat(1_000_000)}`],
  [
    'JSON nested 500,000 deep',
    '/jobs',
    () => `{"name":"odd","testFlowId":"x","globalProperties":${'['.repeat(500_000)}${']'.repeat(500_000)}}`,
  ],
];

const yaml = (more: string) =>
  `name: odd\nversion: v1.0.0\npluginType: Deployer\nservice: {image: x, ports: [{port: 80}]}\n${more}`;
const info = (more: string) => `{"name":"odd","version":"v1.0.0","pluginType":"Exec",${more}}`;
const branches = record(20, (i) => [
  `d${i}`,
  { anyOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
]);
const uploads: [string, () => Promise<Buffer>][] = [
  ['aliases over nine levels in plugin.yaml', () => archive(yaml(`${levels((l) => `[${l}]`)}description: *a9\n`))],
  ['a hundred thousand aliases in plugin.yaml', () => archive(yaml(`labels: [&a x, ${'*a, '.repeat(100_000)}]\n`))],
  ['100,000 brackets in plugin.yaml', () => archive(yaml(`inputSchema: ${'['.repeat(100_000)}`))],
  ['plugin.yaml of 20 MB', () => archive(yaml(`description: ${'x'.repeat(20_000_000)}\n`))],
  ['NUL in an argument', () => archive(yaml('description: "\\0"\n'))],
  [
    'info nested 20,000 deep',
    async () => Buffer.from(info(`"inputSchema":${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}`)),
  ],
  [
    'info with a list nested 20,000 deep',
    async () => Buffer.from(info(`"inputSchema":{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)),
  ],
  [
    '20,000 properties',
    async () =>
      Buffer.from(
        info(`"inputSchema":${JSON.stringify({ properties: record(20_000, (i) => [`p${i}`, { type: 'string' }]) })}`),
      ),
  ],
  [
    '20 levels of anyOf',
    async () => Buffer.from(info(`"outputSchema":${JSON.stringify({ $defs: branches, $ref: '#/$defs/d0' })}`)),
  ],
  ['a schema that refers to itself', async () => Buffer.from(info('"inputSchema":{"allOf":[{"$ref":"#"}]}'))],
  [
    'a pattern with repetitions of repetitions',
    async () => Buffer.from(info('"inputSchema":{"pattern":"((a{500}){500}){500}"}')),
  ],
  ['a pattern with a look-ahead', async () => Buffer.from(info('"inputSchema":{"pattern":"(?=a)b"}'))],
  ['a reference with a broken escape', async () => Buffer.from(info('"inputSchema":{"$ref":"#/%zz"}'))],
  [
    'a key __proto__ in a schema',
    async () => Buffer.from(info('"inputSchema":{"properties":{"__proto__":{"type":"string"}}}')),
  ],
];

async function archive(content: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'plugin.yaml' }, content);
  tar.finalize();
  return gzipSync(await buffer(tar as unknown as NodeJS.ReadableStream));
}

async function post(
  path: string,
  body: unknown,
): Promise<{ status: number; body: { errors?: object[]; code: string } }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: text };
  const response = await fetch(`${server.url}/api/v1${path}`, init);
  return { status: response.status, body: (await response.json()) as { code: string } };
}

/** Requests /healthz repeatedly until the promise settles. Returns the durations. */
async function askMeanwhile(work: Promise<unknown>): Promise<number[]> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  const took: number[] = [];
  while (!isOver) {
    const start = performance.now();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    took.push(performance.now() - start);
  }
  return took;
}

describe('while the server rejects input that would block it, healthz responds', () => {
  const waits: number[] = [];
  afterAll(() => {
    const sorted = waits.toSorted((one, other) => one - other);
    const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
    process.stdout.write(
      `healthz: ${sorted.length} answers, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(0.9999)} ms\n`,
    );
  });

  test.each(graphs)('a flow with %s is rejected', async (_, graph) => {
    const answer = post('/testflows/validate', { graph: graph.slice(0, 1_000_000) });
    waits.push(...(await askMeanwhile(answer)));
    const { status, body } = await answer;
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'flow_invalid' });
    expect(body.errors?.[0]).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
    expect(body.errors?.length).toBeLessThanOrEqual(100);
  });

  test.each(bodies)('a request with %s is rejected', async (_, path, body) => {
    const answer = post(path, body());
    waits.push(...(await askMeanwhile(answer)));
    const { status } = await answer;
    expect([400, 422]).toContain(status);
  });

  test.each(uploads)('an upload with %s is rejected', async (_, content) => {
    const form = new FormData();
    form.append('plugin', new Blob([new Uint8Array(await content())]), 'odd');
    const answer = fetch(`${server.url}/api/v1/plugins`, { method: 'POST', body: form });
    waits.push(...(await askMeanwhile(answer)));
    const { status } = await answer;
    expect(status).toBe(422);
  });

  test('a check against an endless schema of a plugin ends at the time limit, with the place in the flow', async () => {
    const tree = { anyOf: [{ properties: { a: { $ref: '#' } } }, { properties: { a: { $ref: '#' }, b: false } }] };
    const inputSchema = { ...tree, properties: { leaf: { type: 'integer' } } };
    await api.store.plugins.replaceAll([
      {
        name: 'bash',
        version: 'v1.0.0',
        pluginType: 'Exec',
        form: 'executable',
        description: '',
        inputSchema,
        outputSchema: {},
        labels: [],
      },
    ]);
    const deep = `${'{a: '.repeat(45)}{leaf: x}${'}'.repeat(45)}`;
    const answer = post('/testflows/validate', { graph: `pipeline:\n  s:\n    plugin: bash\n    input: ${deep}\n` });
    const answered = await askMeanwhile(answer);
    const { status, body } = await answer;
    expect({ status, body }).toMatchObject({
      status: 422,
      body: {
        code: 'flow_invalid',
        where: { line: 2 },
        detail: expect.stringMatching(/^line 2, column 3: the check took more than/),
      },
    });
    // The check takes seconds: on the main thread it would block these requests.
    expect(answered.length).toBeGreaterThan(10);
  });
});
