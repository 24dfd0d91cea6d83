import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runFlow } from '../support/e2e/client.ts';
import { addComponent } from '../support/e2e/component.ts';
import { createSystem, settled, type TestSystem } from '../support/e2e/system.ts';

let system: TestSystem;
const from = 'ARG BASE_IMAGE=node:24-slim\nFROM $BASE_IMAGE\n';
const server = (port: number, status: number) => `import { createServer } from 'node:http';
createServer((request, response) => response.writeHead(${status}).end('x')).listen(${port}, () => console.log('listening'));
process.on('SIGTERM', () => process.exit(0));
`;

beforeAll(async () => {
  system = await createSystem();
  const image = (name: string) => `brightbird-test/${name}-${system.namespace}`;
  const run = 'COPY server.mjs /server.mjs\nCMD ["node", "/server.mjs"]\n';
  const short = { readiness: { path: '/healthz', timeoutSeconds: 3 } };
  await addComponent(system, {
    plugin: 'missing-repo',
    imageTarget: image('missing-repo'),
    dockerfile: from,
    repo: `file://${system.home}/no-such-repository`,
  });
  await addComponent(system, {
    plugin: 'failing-build',
    imageTarget: image('failing-build'),
    dockerfile: `${from}RUN echo checking the licence; echo no licence found >&2; exit 3\n`,
  });
  await addComponent(system, {
    plugin: 'other-port',
    imageTarget: image('other-port'),
    dockerfile: `${from}EXPOSE 9999\n${run}`,
    files: { 'server.mjs': server(9999, 200) },
    service: short,
  });
  await addComponent(system, {
    plugin: 'never-ready',
    imageTarget: image('never-ready'),
    dockerfile: from + run,
    files: { 'server.mjs': server(8080, 503) },
    service: short,
  });
  await system.startServer();
  await system.startWorker();
});
afterAll(() => system.close());

const deploy = (plugin: string) => `name: bad-${plugin}\npipeline:\n  it:\n    plugin: ${plugin}\n`;

interface Case {
  what: string;
  graph: string;
  versions?: Record<string, string>;
  outcome: string;
  code: string;
  says: RegExp[];
}

const cases: Case[] = [
  {
    what: 'an unknown repository',
    graph: deploy('missing-repo'),
    outcome: 'configuration',
    code: 'repository_not_found',
    says: [/no-such-repository/],
  },
  {
    what: 'an unknown ref',
    graph: deploy('never-ready'),
    versions: { 'never-ready': 'no-such-branch' },
    outcome: 'configuration',
    code: 'ref_not_found',
    says: [/no-such-branch/],
  },
  {
    what: 'a failing Dockerfile',
    graph: deploy('failing-build'),
    outcome: 'build',
    code: 'build_failed',
    says: [/no licence found/, /RUN echo checking the licence/],
  },
  {
    what: 'an image that does not serve the declared port',
    graph: deploy('other-port'),
    outcome: 'configuration',
    code: 'port_not_served',
    says: [/8080/, /9999/],
  },
  {
    what: 'a component that never becomes ready',
    graph: deploy('never-ready'),
    outcome: 'test',
    code: 'component_not_ready',
    says: [/503/],
  },
  {
    what: 'a check that exceeds its timeout',
    graph: 'name: slow-check\npipeline:\n  wait:\n    plugin: bash\n    input: {script: "sleep 60"}\n    timeout: 1s\n',
    outcome: 'timeout',
    code: 'step_timeout',
    says: [/wait/, /1 s/],
  },
  {
    what: 'a check that gets an unexpected response',
    graph:
      'name: failing-check\npipeline:\n  check:\n    plugin: bash\n    input: {script: "echo looking; echo found 3 of 5 >&2; exit 7"}\n',
    outcome: 'test',
    code: 'step_failed',
    says: [/found 3 of 5/, /7/],
  },
];

describe('a task with invalid input ends in error with outcome class and message', () => {
  test.each(cases)(
    'a task with $what ends in error with outcome class and message',
    async ({ graph, versions, outcome, code, says }) => {
      const taskId = await runFlow(system.api, graph, { versions: versions ?? {} });
      const task = await settled(system.api, taskId);
      expect({ state: task.state, outcome: task.outcome, code: task.error?.code }).toEqual({
        state: 'error',
        outcome,
        code,
      });
      for (const part of says) expect(task.error?.message).toMatch(part);
      expect(task.undeletedObjects).toEqual([]);
    },
    60_000,
  );

  test('a ref that begins with a dash is rejected before anything runs', async () => {
    await expect(
      runFlow(system.api, deploy('never-ready'), { versions: { 'never-ready': '--upload-pack=x' } }),
    ).rejects.toMatchObject({ code: 'ref_invalid' });
  });
});
