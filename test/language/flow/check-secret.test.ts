import { describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { findSecrets } from '../../../src/services/flows/find-secrets.ts';
import { builtinPlugins } from '../../../src/services/plugins/builtin-plugins.ts';
import { check, issuesOf, makePlugin } from '../../support/language/flow/flows.ts';

const plugins = [...builtinPlugins, makePlugin({ name: 'deploy', pluginType: 'Deployer' }), makePlugin()];
const flow = (step: string) => `pipeline:\n  it: ${step}\n`;
const issues = (step: string) => issuesOf(() => check(flow(step), { plugins }));

describe('a reference to a secret', () => {
  test.each([
    '{plugin: probe, input: {auth: {token: "{{secret.api-token}}"}}}',
    '{plugin: bash, input: {script: "true", env: {TOKEN: "{{secret.token}}"}}}',
    '{plugin: http-check, input: {url: "http://x", headers: {authorization: "Bearer {{secret.token}}"}}}',
  ])('is accepted in %s', (step) => {
    expect(check(flow(step), { plugins })).toHaveLength(1);
  });

  test.each([
    [
      'a deploy input',
      '{plugin: deploy, input: {password: "{{secret.token}}"}}',
      '2:43 {{secret.token}}: deploy inputs are stored in plain text',
    ],
    [
      'a script',
      '{plugin: bash, input: {script: "echo {{secret.token}}"}}',
      '2:44 {{secret.token}}: a script is an argument of its shell, visible to other processes',
    ],
    ['a missing name', '{plugin: probe, input: {a: "{{secret}}"}}', '2:35 {{secret}}: invalid name of a secret'],
    [
      'a path as name',
      '{plugin: probe, input: {a: "{{secret.a.b}}"}}',
      '2:35 {{secret.a.b}}: invalid name of a secret',
    ],
  ])('is rejected for %s', (_, step, issue) => {
    expect(issues(step)).toEqual([issue]);
  });

  test('never refers to a step, because "secret" is a reserved name', () => {
    expect(issuesOf(() => check('pipeline:\n  secret: {plugin: probe}\n', { plugins }))).toEqual([
      '2:3 "secret" cannot name a step: {{secret.x}} means the secrets',
    ]);
  });
});

test('findSecrets returns each secret of a flow once', () => {
  const text = `pipeline:
  one: {plugin: probe, input: {a: "{{secret.a}}", deep: [{b: "x {{secret.b}} {{global.c}}"}]}}
  two: {plugin: probe, input: {a: "{{secret.a}} {{one.x}}"}}
`;
  expect(findSecrets(parseGraph(text).graph.steps)).toEqual(['a', 'b']);
});
