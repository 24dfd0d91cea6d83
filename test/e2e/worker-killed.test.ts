import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import type { Waiting } from '../../src/model/waiting.ts';
import { processesWith } from '../support/adapters/images/scripts/processes.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { addComponent } from '../support/e2e/component.ts';
import { createSystem, settled, startProgram, type TestSystem, until } from '../support/e2e/system.ts';
import { Way } from '../support/jest/way.ts';

const docker = new Docker();
let system: TestSystem;

beforeAll(async () => {
  system = await createSystem();
});
afterAll(() => system.close());

const slowBuild = `ARG BASE_IMAGE=node:24-slim
FROM \${BASE_IMAGE}
RUN echo compiling; sleep 4; echo compiled
COPY server.mjs /app/server.mjs
CMD ["node", "/app/server.mjs"]
`;
const server = `import { createServer } from 'node:http';
createServer((request, response) => response.end('ok')).listen(8080);
process.on('SIGTERM', () => process.exit(0));
`;

/** Builds at the second try. The first waits to be killed, with a file in its sources that the second must not see. */
const scriptedBuild = (folder: string): string => `echo "files: $(git status --porcelain | wc -l)"
touch dirt
if mkdir ${folder}/first-try 2>/dev/null; then sleep 86005; fi
echo again
docker build -t "$IMAGE" .
`;

/** Prints numbered lines for about eight seconds, during which a worker is killed and restarted. */
const counting = `name: counting
pipeline:
  before:
    plugin: bash
    input: {script: "echo before ran"}
  count:
    plugin: bash
    input: {script: "i=0; while [ $i -lt 800 ]; do i=$((i+1)); echo line $i; sleep 0.01; done"}
  after:
    plugin: bash
    input: {script: "echo after ran"}
`;

describe('a kill of a worker with SIGKILL', () => {
  test('loses nothing during an image build: the task succeeds, and the image is built at most once more', async () => {
    const image = `brightbird-test/slow-${system.namespace}`;
    await addComponent(system, {
      plugin: 'slow',
      imageTarget: image,
      dockerfile: slowBuild,
      files: { 'server.mjs': server },
    });
    await addComponent(system, {
      plugin: 'scripted',
      imageTarget: `${image}-scripted`,
      dockerfile: 'FROM scratch\nCMD ["/nothing"]\n',
      build: { script: scriptedBuild(system.home) },
    });
    await system.startServer();
    const first = await system.startWorker();
    const graph = 'name: slow-build\npipeline:\n  slow:\n    plugin: slow\n';
    const taskId = await runFlow(system.api, graph);
    await until(() => first.output.some((line) => line.includes('start to build image')));
    await first.kill('SIGKILL');
    const second = await system.startWorker();
    const task = await settled(system.api, taskId);
    expect({ state: task.state, error: task.error }).toEqual({ state: 'success', error: undefined });
    const builds = [...first.output, ...second.output].filter((line) => line.includes('start to build image'));
    expect(builds.length).toBeLessThanOrEqual(2);
    await second.kill('SIGTERM');
    await docker.getImage(task.components[0]?.image ?? '').remove({ force: true });
  });

  test('leaves no process of a build script, and the next worker runs it in a clean working tree', async () => {
    const worktrees = join(system.home, 'repositories', 'worktrees');
    const first = await system.startWorker();
    const taskId = await runFlow(system.api, 'name: scripted-build\npipeline:\n  it:\n    plugin: scripted\n');
    await until(() => processesWith('sleep 86005').some((line) => line.startsWith('sleep')));
    const shown = () => allLines(system.api, taskId, { source: 'build:scripted' });
    await until(async () => (await shown()).some((line) => line.text === 'files: 0'));
    expect(await readdir(worktrees)).toHaveLength(1);
    await first.kill('SIGKILL');
    await until(() => processesWith('sleep 86005').length === 0);
    const second = await system.startWorker();
    expect(await readdir(worktrees)).toEqual([]);
    const task = await settled(system.api, taskId);
    const [component] = task.components;
    expect(component).toMatchObject({ built: true, digest: expect.stringMatching(/^sha256:/) });
    const said = (await shown())
      .map((line) => line.text ?? '')
      .filter((text) => /^(files|the build was|again)/.test(text));
    expect(said).toEqual(['files: 0', 'the build was interrupted and begins again: try 2', 'files: 0', 'again']);
    expect(await readdir(worktrees)).toEqual([]);
    await second.kill('SIGTERM');
    await docker.getImage(component?.image ?? '').remove({ force: true });
  });

  test('loses nothing during a run: one runner, no repeated step, each log line once and in order', async () => {
    const first = await system.startWorker();
    const taskId = await runFlow(system.api, counting);
    const { testId } = await until(async () => {
      const lines = await allLines(system.api, taskId, { step: 'count' }).catch(() => []);
      if (lines.length < 50) return undefined;
      return system.api.get<{ testId: string }>(`/tasks/${taskId}`);
    });
    const runners = await docker.listContainers({ all: true, filters: { label: [`testid=${testId}`] } });
    await first.kill('SIGKILL');
    const second = await system.startWorker();
    const task = await settled(system.api, taskId);
    expect({ state: task.state, error: task.error }).toEqual({ state: 'success', error: undefined });
    expect(runners).toHaveLength(1);
    expect(task.attempt).toBe(1);
    const text = async (step: string) => (await allLines(system.api, taskId, { step })).map((line) => line.text);
    expect(await text('before')).toEqual(['before ran']);
    expect(await text('count')).toEqual(Array.from({ length: 800 }, (_, index) => `line ${index + 1}`));
    expect(await text('after')).toEqual(['after ran']);
    expect(await docker.listContainers({ all: true, filters: { label: [`testid=${testId}`] } })).toEqual([]);
    await second.kill('SIGTERM');
  });
});

test('a task shows that it waits for an unreachable engine, and ends at the limit', async () => {
  const way = await Way.to({ path: '/var/run/docker.sock' });
  const limits = { DOCKER_HOST: `tcp://127.0.0.1:${way.port}`, ENGINE_TIMEOUT_SECONDS: '6' };
  const worker = await startProgram('worker', { ...system.env, ...limits }, /worker ready/);
  await way.down();
  try {
    const graph = 'name: away\npipeline:\n  say:\n    plugin: bash\n    input: {script: "echo hello"}\n';
    const taskId = await runFlow(system.api, graph);
    const look = () => system.api.get<{ state: string; waiting?: Waiting }>(`/tasks/${taskId}`).catch(() => undefined);
    const waits = await until(async () => {
      const task = await look();
      return task?.waiting?.reason === 'engine_unavailable' ? task : undefined;
    });
    expect(waits).toMatchObject({ state: 'init', waiting: { message: expect.stringContaining('ECONNREFUSED') } });
    const task = await settled(system.api, taskId);
    expect(task).toMatchObject({
      state: 'error',
      outcome: 'infrastructure',
      attempt: 1,
      error: { code: 'engine_timeout', message: expect.stringContaining('for 6 s') },
      undeletedObjects: [{ kind: 'run' }],
    });
    expect(await look()).not.toHaveProperty('waiting');
  } finally {
    await worker.kill('SIGTERM');
    await way.down();
  }
});
