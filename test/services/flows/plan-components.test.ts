import { expect, test } from '@jest/globals';
import type { WorkStep } from '../../../src/model/work.ts';
import { planComponents } from '../../../src/services/flows/plan-components.ts';
import { builtinPlugins } from '../../../src/services/plugins/builtin-plugins.ts';
import { parsePluginYaml } from '../../../src/services/plugins/parse-plugin-yaml.ts';

const plan = (steps: WorkStep[]) => planComponents({ steps, globals: { port: 9000 }, testId: '0badcafe' });

function builtin(instance: string, plugin: string, input: Record<string, unknown>): WorkStep {
  const def = builtinPlugins.find(({ name }) => name === plugin);
  if (!def) throw new Error(`no plugin ${plugin}`);
  return { instance, plugin, input, def };
}

function declarative(input: Record<string, unknown>): WorkStep {
  const yaml = `
name: stock
version: v1.0.0
pluginType: Deployer
inputSchema: {type: object, properties: {port: {type: integer, default: 7001}, replicas: {type: integer, default: 2}}}
service:
  image: stock:1
  ports: [{port: "{{input.port}}"}, {name: admin, port: 7002}]
  readiness: {port: 7003}
  replicas: "{{input.replicas}}"
  env: {PEER: "{{input.peer}}"}
`;
  return {
    instance: 'it',
    plugin: 'stock',
    input,
    def: { ...parsePluginYaml(yaml, 'plugin.yaml'), form: 'declarative' },
  };
}

test.each<[string, WorkStep, object]>([
  ['a literal input', builtin('it', 'deploy-service', { ports: [{ port: 80 }] }), { replicas: 1, ports: [80] }],
  [
    'a global',
    builtin('it', 'deploy-service', { ports: [{ port: '{{global.port}}' }] }),
    { replicas: 1, ports: [9000] },
  ],
  ['the defaults of a plugin', declarative({ peer: '{{a.b}}' }), { replicas: 2, ports: [7001, 7002, 7003] }],
  ['the input of a plugin', declarative({ port: '8001', replicas: 3 }), { replicas: 3, ports: [8001, 7002, 7003] }],
  ['no ports when another step provides one of them', declarative({ port: '{{a.port}}' }), { replicas: 2, ports: [] }],
  [
    'the maximum of replicas when another step provides their number',
    builtin('it', 'deploy-service', { ports: [{ port: 80 }], replicas: '{{a.count}}' }),
    { replicas: 20, ports: [80] },
  ],
])('the components of a run are planned with %s', (_title, step, expected) => {
  expect(plan([step])).toEqual([{ instance: 'it', ...expected }]);
});

test('steps that deploy no service are not components', () => {
  expect(plan([builtin('a', 'bash', { script: 'true' }), builtin('data', 'pvc', {})])).toEqual([]);
});
