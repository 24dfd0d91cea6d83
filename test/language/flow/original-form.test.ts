import { describe, expect, test } from '@jest/globals';
import { resolveInput } from '../../../src/language/flow/references.ts';
import { bash } from '../../../src/services/plugins/builtin/bash.ts';
import { check, issuesOf, makePlugin } from '../../support/language/flow/flows.ts';

/** Outputs of every deploy plugin of the original. */
const deployed = [
  'codeVersion',
  'instanceName',
  'deployName',
  'statefulSetName',
  'configMapName',
  'svcName',
  'svcEndpoint',
];
const outputs = (...names: string[]) => ({
  type: 'object',
  properties: Object.fromEntries([...deployed, ...names].map((name) => [name, { type: 'string' }])),
});
/** Schemas as the original derives them from Go structs: with injected members, and an object for another plugin's output. */
const inputs = (properties: Record<string, unknown>, required: string[] = []) => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  properties: { codeVersion: { type: 'string' }, instanceName: { type: 'string' }, ...properties },
  required: ['codeVersion', 'instanceName', ...required],
});
const auth = { type: 'object', properties: { svcEndpoint: { type: 'string' }, adminToken: { type: 'string' } } };
const deployer = { pluginType: 'Deployer' as const };
const plugins = [
  bash,
  makePlugin({
    ...deployer,
    name: 'genesis-node',
    inputSchema: inputs({}),
    outputSchema: outputs('bootstrapPeer', 'genesisStorage'),
  }),
  makePlugin({
    ...deployer,
    name: 'sophon-auth',
    inputSchema: inputs({ replicas: { type: 'integer' } }, ['replicas']),
    outputSchema: outputs('mysqlDSN', 'adminToken'),
  }),
  makePlugin({
    ...deployer,
    name: 'venus-daemon',
    inputSchema: inputs(
      {
        netType: { type: 'string', enum: ['mainnet', '2k', 'calibrationnet', 'force'] },
        replicas: { type: 'integer' },
        bootstrapPeers: { type: 'array', items: { type: 'string' } },
        genesisStorage: { type: 'string' },
        snapshotStorage: { type: 'string' },
        SophonAuth: auth,
      },
      ['netType', 'SophonAuth'],
    ),
    outputSchema: outputs(),
  }),
  makePlugin({
    name: 'create_user',
    inputSchema: inputs({ SophonAuth: auth, userName: { type: 'string' }, comment: { type: 'string' } }, ['userName']),
    outputSchema: { type: 'object', properties: { userName: { type: 'string' } } },
  }),
];

/** A flow as written by the original's editor: the canvas under raw-data, only strings, instances with a suffix. */
const flow = `name: auth smoke
description: ""
pipeline:
  genesis-node-dd3898da:
    name: genesis-node
    instanceName: genesis-node-dd3898da
    pluginType: Deployer
    version: v1.0.0
    input: {}
    output: {}
  sophon-auth-b1fc9c81:
    name: sophon-auth
    instanceName: sophon-auth-b1fc9c81
    pluginType: Deployer
    version: v1.0.0
    input:
      codeVersion: ""
      instanceName: sophon-auth-b1fc9c81
      replicas: "1"
    output:
      mysqlDSN: ""
  venus-daemon-0a657d20:
    name: venus-daemon
    instanceName: venus-daemon-0a657d20
    pluginType: Deployer
    version: v1.0.0
    input:
      SophonAuth: "{{sophon-auth-b1fc9c81}}"
      bootstrapPeers: '["{{genesis-node-dd3898da.bootstrapPeer}}"]'
      genesisStorage: "{{genesis-node-dd3898da.genesisStorage}}"
      netType: force
      replicas: 1
      snapshotStorage: ""
  create_user-55aa:
    name: create_user
    instanceName: create_user-55aa
    pluginType: Exec
    version: v1.0.0
    input:
      SophonAuth: "{{sophon-auth-b1fc9c81}}"
      userName: alice
      comment: ""


raw-data: "{\\"cells\\":[{\\"shape\\":\\"edge\\",\\"id\\":\\"{{x}}\\",\\"attrs\\":{\\"line\\":{\\"stroke\\":\\"#667380\\"}}}]}"
`;

describe("a test flow written by the original's editor", () => {
  test('is accepted with its steps in order, ignoring the data of the editor', () => {
    const steps = check(flow, { plugins });
    expect(steps.map(({ step, plugin }) => [step.instance, plugin.name, plugin.pluginType])).toEqual([
      ['genesis-node-dd3898da', 'genesis-node', 'Deployer'],
      ['sophon-auth-b1fc9c81', 'sophon-auth', 'Deployer'],
      ['venus-daemon-0a657d20', 'venus-daemon', 'Deployer'],
      ['create_user-55aa', 'create_user', 'Exec'],
    ]);
  });

  test("has inputs converted to the plugin's schema: numbers from strings, lists from JSON, whole outputs", () => {
    const venus = check(flow, { plugins })[2];
    const authOutput = { svcEndpoint: 'auth:8989', adminToken: 'eyJ' };
    const nodes = {
      'genesis-node-dd3898da': { output: { bootstrapPeer: '/dns/genesis/tcp/34567', genesisStorage: 'genesis-0' } },
      'sophon-auth-b1fc9c81': { output: authOutput },
    };
    expect(resolveInput(venus?.step.input ?? {}, { nodes, globals: {} }, venus?.plugin.inputSchema ?? {})).toEqual({
      SophonAuth: authOutput,
      bootstrapPeers: ['/dns/genesis/tcp/34567'],
      genesisStorage: 'genesis-0',
      netType: 'force',
      replicas: 1,
      snapshotStorage: '',
    });
  });

  test.each([
    [
      'sophon-auth-b1fc9c81}}"\n      bootstrap',
      'sophon-auht-b1fc9c81}}"\n      bootstrap',
      '28:20 {{sophon-auht-b1fc9c81}}: no step is named "sophon-auht-b1fc9c81"',
    ],
    [
      'netType: force',
      'netType: forced',
      '31:16 input.netType: must be one of ["mainnet","2k","calibrationnet","force"]',
    ],
    ['replicas: "1"', 'replicas: one', '19:17 input.replicas: must be integer, not string'],
    ['name: create_user', 'name: create_usr', '35:11 unknown plugin "create_usr"'],
    [
      'genesisStorage}}',
      'genesisStroage}}',
      '30:24 {{genesis-node-dd3898da.genesisStroage}}: genesis-node-dd3898da has no "genesisStroage" (an output of plugin genesis-node)',
    ],
    ['pluginType: Exec', 'pluginType: Deployer', '37:17 plugin "create_user" is of type Exec, not Deployer'],
  ])('has the locations of its issues when %j becomes %j', (right, wrong, issue) => {
    expect(flow).toContain(right);
    expect(issuesOf(() => check(flow.replace(right, wrong), { plugins }))).toEqual([issue]);
  });
});
