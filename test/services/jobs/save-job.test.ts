import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { TestFlow } from '../../../src/model/flow.ts';
import type { Plugin } from '../../../src/model/plugin.ts';
import { type SaveJobPorts, saveJob } from '../../../src/services/jobs/save-job.ts';
import { greeter } from '../../support/services/tasks/plugins.ts';

test('saving a job with versions and rules reads its flow and the plugins only once', async () => {
  const plugin: Plugin = greeter('v1.0.0');
  const read = { graph: 0, plugins: 0 };
  const flow = {
    id: 'flow',
    name: 'smoke',
    get graph() {
      read.graph += 1;
      return `pipeline:\n  it: {plugin: ${plugin.name}}\n`;
    },
  } as TestFlow;
  const ports = {
    flows: { get: async () => flow },
    plugins: {
      async list() {
        read.plugins += 1;
        return [plugin];
      },
    },
    jobs: { insert: async () => undefined },
    log: pino({ level: 'silent' }),
  } as unknown as SaveJobPorts;
  const { warnings } = await saveJob(ports, {
    name: 'tagged',
    testFlowId: flow.id,
    paused: false,
    jobType: 'tag_created_hook',
    tagCreateEventMatches: [{ repo: 'acme/nothing', tagPattern: '.' }],
    versions: { [plugin.name]: 'main' },
    globalProperties: {},
    policy: { overlap: 'allow' },
  } as unknown as Parameters<typeof saveJob>[1]);
  expect(warnings).toMatchObject([{ path: 'tagCreateEventMatches[0].repo' }]);
  expect(read).toEqual({ graph: 1, plugins: 1 });
});
