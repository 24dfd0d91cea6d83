import { describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { findSecrets } from '../../../src/services/flows/find-secrets.ts';
import { builtinPlugins } from '../../../src/services/plugins/builtin-plugins.ts';
import { check, makePlugin, mistakesOf } from '../../support/language/flow/flows.ts';

const plugins = [...builtinPlugins, makePlugin({ name: 'deploy', pluginType: 'Deployer' }), makePlugin()];
const flow = (step: string) => `pipeline:\n  it: ${step}\n`;
const mistakes = (step: string) => mistakesOf(() => check(flow(step), { plugins }));

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
      'what is deployed',
      '{plugin: deploy, input: {password: "{{secret.token}}"}}',
      '2:43 {{secret.token}}: what is deployed is written down in the clear, its input too',
    ],
    [
      'a script',
      '{plugin: bash, input: {script: "echo {{secret.token}}"}}',
      '2:44 {{secret.token}}: a script is an argument of its shell, which others can see',
    ],
    ['no name', '{plugin: probe, input: {a: "{{secret}}"}}', '2:35 {{secret}}: no name of a secret'],
    ['a path', '{plugin: probe, input: {a: "{{secret.a.b}}"}}', '2:35 {{secret.a.b}}: no name of a secret'],
  ])('is refused in %s', (_, step, mistake) => {
    expect(mistakes(step)).toEqual([mistake]);
  });

  test('is not to a step: none has that name', () => {
    expect(mistakesOf(() => check('pipeline:\n  secret: {plugin: probe}\n', { plugins }))).toEqual([
      '2:3 "secret" cannot name a step: {{secret.x}} means the secrets',
    ]);
  });
});

test('the secrets of a flow are found wherever its steps refer to them, each once', () => {
  const text = `pipeline:
  one: {plugin: probe, input: {a: "{{secret.a}}", deep: [{b: "x {{secret.b}} {{global.c}}"}]}}
  two: {plugin: probe, input: {a: "{{secret.a}} {{one.x}}"}}
`;
  expect(findSecrets(parseGraph(text).graph.steps)).toEqual(['a', 'b']);
});
