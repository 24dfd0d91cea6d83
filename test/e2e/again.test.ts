import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { simpleGit } from 'simple-git';
import type { ApiTask } from '../../src/programs/demo/api-task.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { addComponent } from '../support/e2e/component.ts';
import { engine, removeImages } from '../support/e2e/engine.ts';
import { createSystem, settled, type TestSystem, until } from '../support/e2e/system.ts';

let system: TestSystem;
let image: string;
let first: string;
const docker = new Docker();

const server = `import { createServer } from 'node:http';
createServer((request, response) => response.end('ok')).listen(8080);
process.on('SIGTERM', () => process.exit(0));
`;
const dockerfile = `ARG BASE_IMAGE=node:24-slim
FROM \${BASE_IMAGE}
COPY . /app/
CMD ["node", "/app/server.mjs"]
`;
const graph = `name: again
pipeline:
  moving:
    plugin: moving
  say:
    plugin: bash
    input: {script: "echo at {{moving.codeVersion}}"}
`;

beforeAll(async () => {
  system = await createSystem();
  image = `brightbird-test/moving-${system.namespace}`;
  const files = { 'server.mjs': server };
  first = await addComponent(system, { plugin: 'moving', imageTarget: image, dockerfile, files });
  await system.startServer();
  await system.startWorker();
});
afterAll(async () => {
  await system.close();
  await removeImages(image);
});

const commitsOf = ({ components }: ApiTask): string[] => components.map(({ commit }) => commit);
const said = async (taskId: string, attempt: number) =>
  (await allLines(system.api, taskId, { step: 'say', attempt: String(attempt) })).map(({ text }) => text);
/** Waits for the next attempt of a task, and returns the task. */
const retried = async (taskId: string, body: object): Promise<ApiTask> => {
  const { attempt } = await system.api.post<{ attempt: number }>(`/tasks/${taskId}/retry`, { from: 'start', ...body });
  return until(async () => {
    const task = await settled(system.api, taskId);
    return task.attempt === attempt && task;
  });
};

test('a task is retried with its lockfile after its branch has moved, then with the new branch head, and its lockfile runs as a new task', async () => {
  const { api } = system;
  const taskId = await runFlow(api, graph, { versions: { moving: 'main' } });
  const one = await settled(api, taskId);
  expect([one.state, commitsOf(one)]).toEqual(['success', [first]]);
  const path = join(system.home, 'components', 'moving');
  await writeFile(join(path, 'more'), 'more');
  await simpleGit(path).add('.').commit('Add more');
  const second = await simpleGit(path).revparse(['HEAD']);

  const locked = await retried(taskId, {});
  expect([locked.state, locked.attempt, commitsOf(locked)]).toEqual(['success', 2, [first]]);
  const lockfile = await api.get<{ components: object[] }>(`/tasks/${taskId}/lockfile`);
  const refreshed = await retried(taskId, { versions: 'refreshed' });
  expect([refreshed.state, refreshed.attempt, commitsOf(refreshed)]).toEqual(['success', 3, [second]]);
  expect(await Promise.all([1, 2, 3].map((attempt) => said(taskId, attempt)))).toEqual([
    [`at ${first}`],
    [`at ${first}`],
    [`at ${second}`],
  ]);
  expect(refreshed.attempts).toMatchObject([
    { attempt: 1, state: 'success' },
    { attempt: 2, state: 'success', versions: 'locked', by: 'local' },
    { attempt: 3, state: 'success', versions: 'refreshed' },
  ]);

  const { taskId: other } = await api.post<{ taskId: string }>(`/jobs/${one.jobId}/run`, {
    lockfileOf: taskId,
    versions: { moving: first },
  });
  const again = await settled(api, other);
  expect([again.state, again.lockfileOf, commitsOf(again)]).toEqual(['success', taskId, [first]]);
  const mine = await api.get<{ components: { version: string }[] }>(`/tasks/${other}/lockfile`);
  expect(mine.components).toEqual(lockfile.components.map((component) => ({ ...component, version: first })));
  expect(await api.get(`/tasks/${other}/lockfile/compare?with=${taskId}`)).toMatchObject({
    same: false,
    flow: { same: true },
    components: [{ plugin: 'moving', commits: { ahead: 1, behind: 0 } }],
  });
  for (const { testId } of [one, again]) expect(await engine.listObjects(testId)).toEqual([]);
});

test('a locked retry fails and names the expected image when the image was rebuilt with other contents', async () => {
  const { api } = system;
  const taskId = await runFlow(api, graph, { versions: { moving: first } });
  const task = await settled(api, taskId);
  const [component] = task.components;
  const container = await docker.createContainer({ Image: component?.image ?? '', Cmd: ['true'] });
  const [repo, tag] = (component?.image ?? '').split(':');
  await container.commit({ repo, tag, comment: 'another image under the same name' });
  await container.remove();
  const locked = await retried(taskId, {});
  expect(locked).toMatchObject({ state: 'error', outcome: 'configuration', error: { code: 'image_missing' } });
  expect(locked.error?.message).toContain(component?.digest);
});
