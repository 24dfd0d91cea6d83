import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, type Connection } from '@temporalio/client';
import Docker from 'dockerode';
import type { TaskState } from '../../src/model/task-state.ts';
import { ApiClient } from '../../src/programs/cli/api-client.ts';
import { readConfig } from '../../src/programs/config.ts';
import type { ApiTask } from '../../src/programs/demo/api-task.ts';
import { ensureBaseImage } from '../../src/programs/embedded/base-image.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { addComponent } from '../support/e2e/component.ts';
import { engine, removeImages } from '../support/e2e/engine.ts';
import { type Program, settled, startProgram, until } from '../support/e2e/system.ts';
import { connectTemporal } from '../support/jest/connect-temporal.ts';

const image = `brightbird-test/held-${process.pid}`;
const server = `import { createServer } from 'node:http';
let asked = 0;
createServer((request, response) => {
  if (request.url === '/healthz') return response.end('ok');
  asked += 1;
  console.log('asked ' + asked + ' ' + request.url);
  response.end('asked ' + asked);
}).listen(8080);
process.on('SIGTERM', () => process.exit(0));
`;
const dockerfile = `ARG BASE_IMAGE=node:24-slim
FROM \${BASE_IMAGE}
COPY server.mjs /app/server.mjs
CMD ["node", "/app/server.mjs"]
`;
/** The check requests the component, and fails by default; the token differs each time. */
const script = 'wget -q -O - {{holder.svcEndpoint}}/{{first.token}}; [ $WANT = yes ]';
const graph = `name: held
pipeline:
  data:
    plugin: pvc
  holder:
    plugin: holder
  first:
    plugin: bash
    input: {script: "echo first ran; echo {\\\\\\"token\\\\\\": \\\\\\"t$(cat /proc/sys/kernel/random/uuid)\\\\\\"}"}
  check:
    plugin: bash
    input: {script: "${script}", env: {WANT: "no"}}
  tidy:
    plugin: bash
    always: true
    input: {script: "echo tidied"}
`;

let home: string;
/** An existing image: the base image of components. */
let base: string;
let program: Program;
let api: ApiClient;
let connection: Connection;

async function start(): Promise<void> {
  const cache = process.env.XDG_CACHE_HOME;
  const env = {
    BRIGHTBIRD_HOME: home,
    PORT: '0',
    GIT_ALLOW_FILE_URLS: 'true',
    ...(cache && { XDG_CACHE_HOME: cache }),
  };
  program = await startProgram('start', env, /BrightBird is ready/);
  const address = (pattern: RegExp) => program.output.map((line) => pattern.exec(line)?.[1]).find(Boolean) ?? '';
  api = new ApiClient(address(/API +(http\S+)/), undefined);
  connection = await connectTemporal(address(/temporal [\d.]+ started on ([\d.:]+)/));
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  await connection.close();
  await program.kill(signal);
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'brightbird-hold-'));
  await addComponent(
    { home },
    {
      plugin: 'holder',
      imageTarget: image,
      dockerfile,
      files: { 'server.mjs': server },
    },
  );
  await start();
  base = await ensureBaseImage(readConfig(process.env), new Docker(), () => undefined);
});
afterAll(async () => {
  await stop('SIGTERM');
  await rm(home, { recursive: true, force: true });
  await removeImages(image);
});

const get = (taskId: string) => api.get<ApiTask & { heldUntil: string }>(`/tasks/${taskId}`);
const inState = (taskId: string, state: TaskState) =>
  until(async () => {
    const task = await get(taskId).catch(() => undefined);
    return task?.state === state && task;
  });
const held = async () => inState(await runFlow(api, graph, { policy: { holdOnFailure: '1h' } }), 'held');
const texts = async (taskId: string, filter: Record<string, string>) =>
  (await allLines(api, taskId, filter)).map(({ text }) => text);

describe('the environment of a failed test', () => {
  test('survives a restart of everything, is reused by a retry from the failed step with another input, and leaves nothing', async () => {
    const before = await held();
    expect(before).toMatchObject({ outcome: 'test', error: { where: { step: 'check' } } });
    const objects = await engine.listObjects(before.testId);
    expect(objects.map(({ kind }) => kind).sort()).toEqual(['container', 'container', 'network', 'volume']);
    await stop('SIGKILL');
    await start();
    const after = await get(before.id);
    expect({ ...after, runId: '' }).toEqual({ ...before, runId: '' });
    expect(await engine.listObjects(before.testId)).toEqual(objects);

    const { heldUntil } = await api.post<{ heldUntil: string }>(`/tasks/${before.id}/hold`, { for: '2h' });
    expect(heldUntil > before.heldUntil).toBe(true);
    const wrong = { script, env: { WANT: '{{firts.token}}' }, scirpt: '' };
    await expect(api.post(`/tasks/${before.id}/retry`, { from: 'failed', input: wrong })).rejects.toMatchObject({
      code: 'input_invalid',
      issues: [
        { where: { step: 'check', path: 'input.env.WANT' } },
        { where: { step: 'check', path: 'input.scirpt' } },
      ],
    });
    const input = { script, env: { WANT: 'yes' } };
    expect(await api.post(`/tasks/${before.id}/retry`, { from: 'failed', input })).toMatchObject({ attempt: 2 });

    const task = await settled(api, before.id);
    expect({ state: task.state, error: task.error, attempt: task.attempt }).toEqual({ state: 'success', attempt: 2 });
    expect(task.steps.map(({ state }) => state)).toEqual(['success', 'success', 'success', 'success', 'success']);
    expect(task.steps.slice(0, 3)).toEqual(before.steps.slice(0, 3));
    expect(task.attempts).toMatchObject([
      { attempt: 1, state: 'error', outcome: 'test', error: { where: { step: 'check' } } },
      { attempt: 2, state: 'success', from: 'check', input, by: 'local' },
    ]);
    expect(await texts(task.id, { step: 'first', attempt: '2' })).toEqual([]);
    expect(await texts(task.id, { step: 'tidy', attempt: '1' })).toEqual(['tidied']);
    expect(await texts(task.id, { step: 'tidy', attempt: '2' })).toEqual(['tidied']);
    // The same component got the token of the first attempt both times; each line is stored once.
    const asked = await texts(task.id, { source: 'holder-0' });
    const token = asked[0]?.split(' ')[2];
    expect(asked).toEqual([`asked 1 ${token}`, `asked 2 ${token}`]);
    expect(await engine.listObjects(task.testId)).toEqual([]);
  });

  test('is removed completely when it is released, and the task settles with its failure', async () => {
    const before = await held();
    await api.post(`/tasks/${before.id}/release`);
    const task = await settled(api, before.id);
    expect(task).toMatchObject({ state: 'error', outcome: 'test', error: before.error, undeletedObjects: [] });
    expect(task).not.toHaveProperty('heldUntil');
    expect(await engine.listObjects(task.testId)).toEqual([]);
    await expect(api.post(`/tasks/${task.id}/retry`, { from: 'failed' })).rejects.toMatchObject({
      code: 'conflict',
      message: `task ${task.id} is not held: it is error (test)`,
      hint: expect.stringContaining('"from": "start"'),
    });
  });

  test.each([
    ['stopped through the API', (id: string) => api.post(`/tasks/${id}/stop`), 'error'],
    ['terminated in Temporal', (id: string) => handleOf(id).terminate(), 'canceled'],
  ])(
    'is removed completely after its task was %s',
    async (_, end, state) => {
      const before = await held();
      await end(before.id);
      const task = await settled(api, before.id);
      expect(task).toMatchObject({ state, undeletedObjects: [] });
      expect(task).not.toHaveProperty('heldUntil');
      expect(await engine.listObjects(task.testId)).toEqual([]);
    },
    120_000,
  );
});

test('a retry of a failed deploy step replaces the component', async () => {
  const flow = `name: replaced
pipeline:
  web:
    plugin: deploy-service
    input:
      image: ${base}
      command: [sh, -c, "echo broken; exit 1"]
      ports: [{port: 8080}]
      readiness: {path: /, timeoutSeconds: 120}
  ask:
    plugin: bash
    input: {script: "wget -q -O - {{web.svcEndpoint}}/"}
`;
  const taskId = await runFlow(api, flow, { policy: { holdOnFailure: '1h' } });
  const before = await inState(taskId, 'held');
  expect(before).toMatchObject({ outcome: 'test', error: { code: 'component_not_ready', where: { step: 'web' } } });
  const answers = "require('node:http').createServer((q, r) => r.end('up')).listen(8080)";
  const input = {
    image: base,
    command: ['node', '-e', answers],
    ports: [{ port: 8080 }],
    readiness: { path: '/', timeoutSeconds: 120 },
  };
  await api.post(`/tasks/${taskId}/retry`, { from: 'failed', input });
  const task = await settled(api, taskId);
  expect({ state: task.state, error: task.error }).toEqual({ state: 'success', error: undefined });
  expect(await texts(taskId, { step: 'ask' })).toEqual(['up']);
  expect(await engine.listObjects(task.testId)).toEqual([]);
});

function handleOf(taskId: string) {
  return new Client({ connection }).workflow.getHandle(`task/${taskId}`);
}
