import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { simpleGit } from 'simple-git';
import type { Bisect } from '../../src/model/bisect.ts';
import { addComponent } from '../support/e2e/component.ts';
import { engine, removeImages } from '../support/e2e/engine.ts';
import { createSystem, settled, type TestSystem, until } from '../support/e2e/system.ts';

const firstBad = 41;
const unbuildable = 31;

let system: TestSystem;
let image: string;
let good: string;
/** Creates the 64 commits after the good one. Returns them oldest first. */
const commits: string[] = [];

const dockerfile = (more = ''): string => `ARG BASE_IMAGE=node:24-slim
FROM \${BASE_IMAGE}
${more}COPY server.mjs value /app/
CMD ["node", "/app/server.mjs"]
`;
/** Answers with what the file of its commit says. */
const server = `import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const value = readFileSync('/app/value', 'utf8');
createServer((request, response) => response.end(request.url === '/healthz' ? 'ok' : value)).listen(8080);
process.on('SIGTERM', () => process.exit(0));
`;
const graph = `name: bisected
pipeline:
  value:
    plugin: value
  check:
    plugin: bash
    input: {script: "wget -q -O - {{value.svcEndpoint}}/ | grep -q '^good'"}
`;

beforeAll(async () => {
  system = await createSystem();
  image = `brightbird-test/value-${system.namespace}`;
  const files = { 'server.mjs': server, value: 'good' };
  good = await addComponent(system, { plugin: 'value', imageTarget: image, dockerfile: dockerfile(), files });
  const path = join(system.home, 'components', 'value');
  const git = simpleGit(path);
  for (let index = 0; index < 64; index += 1) {
    await writeFile(join(path, 'value'), `${index < firstBad ? 'good' : 'bad'} ${index}`);
    await writeFile(join(path, 'Dockerfile'), dockerfile(index === unbuildable ? 'RUN exit 3\n' : ''));
    await git.add('.').commit(`Change the value for the time ${index + 1}`);
    commits.push(await git.revparse(['HEAD']));
  }
  await system.startServer();
});
afterAll(async () => {
  await system.close();
  await removeImages(image);
});

test('a bisect over 64 commits finds the first bad one in at most 7 tasks, with its worker killed twice and one commit that cannot be built', async () => {
  let worker = await system.startWorker();
  const { api } = system;
  const flow = await api.post<{ id: string }>('/testflows', { name: 'bisected', graph });
  const policy = { holdOnFailure: '1h' };
  const job = await api.post<{ id: string }>('/jobs', { name: 'bisected', testFlowId: flow.id, policy });
  const runAt = async (version: string) => {
    const body = { versions: { value: version }, holdOnFailure: '0s' };
    const { taskId } = await api.post<{ taskId: string }>(`/jobs/${job.id}/run`, body);
    return settled(api, taskId);
  };
  const [before, after] = [await runAt(good), await runAt('main')];
  expect([before.state, after.state, after.outcome]).toEqual(['success', 'error', 'test']);
  const difference = await api.get(`/tasks/${before.id}/lockfile/compare?with=${after.id}`);
  expect(difference).toMatchObject({ components: [{ plugin: 'value', commits: { ahead: 64, behind: 0 } }] });

  const { bisectId } = await api.post<{ bisectId: string }>(`/jobs/${job.id}/bisect`, {
    good: before.id,
    bad: after.id,
  });
  const search = (wanted: (bisect: Bisect) => boolean) =>
    until(async () => {
      const found = await api.get<Bisect>(`/bisects/${bisectId}`).catch(() => undefined);
      return found && wanted(found) && found;
    });
  for (const runs of [2, 4]) {
    await search((bisect) => bisect.runs.length === runs);
    await worker.kill('SIGKILL');
    worker = await system.startWorker();
  }
  const end = await search(({ state }) => state !== 'running');
  expect(end).toMatchObject({
    state: 'success',
    component: 'value',
    commitCount: 64,
    firstBadCommit: {
      sha: commits[firstBad],
      author: 'test <test@brightbird.invalid>',
      subject: `Change the value for the time ${firstBad + 1}`,
    },
  });
  expect(end.runs.map(({ commit }) => commits.indexOf(commit))).toEqual([31, 30, 46, 38, 42, 40, 41]);
  expect(end.runs.map(({ verdict }) => verdict)).toEqual(['skip', 'good', 'bad', 'good', 'bad', 'good', 'bad']);
  expect(end.runs[0]?.outcome).toBe('build');
  const { items } = await api.get<{ items: { id: string; testId: string }[] }>(`/tasks?jobId=${job.id}`);
  expect(items.map(({ id }) => id).sort()).toEqual(
    [before, after, ...end.runs.map(({ taskId: id }) => ({ id }))].map(({ id }) => id).sort(),
  );
  for (const { testId } of items) expect(await engine.listObjects(testId)).toEqual([]);
}, 400_000);
