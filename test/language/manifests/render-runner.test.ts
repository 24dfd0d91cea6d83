import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { renderRunner } from '../../../src/language/manifests/render-runner.ts';
import { Fault } from '../../../src/model/fault.ts';
import type { Resources } from '../../../src/model/placement.ts';

const text = readFileSync(new URL('../../../templates/testrunner-deployment-template.yaml', import.meta.url), 'utf8');

function render(
  change: {
    text?: string;
    testId?: string;
    attempt?: number;
    registry?: string;
    namespace?: string;
    resources?: Resources;
  } = {},
) {
  const { testId = '5f0c2d1e', attempt = 1 } = change;
  return renderRunner({
    template: { name: 'pod.yaml', text: change.text ?? text },
    values: {
      NameSpace: change.namespace ?? 'brightbird',
      Registry: change.registry ?? '',
      TestID: testId,
      ReTry: attempt,
      Args: '"--work=/work/work.json"',
    },
    run: { taskId: 'nightly-7', testId, attempt, workflowId: 'task/nightly-7', runId: 'run-1', installation: 'here' },
    runnerImage: 'brightbird/runner:abc',
    resources: change.resources,
  });
}

function faultOf(change: string, by: string): Fault {
  expect(text).toContain(change);
  try {
    render({ text: text.replace(change, by) });
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe("the runner's Pod", () => {
  test('has the labels and annotations of its run, in addition to those of the template', () => {
    const { metadata, spec } = render();
    expect(metadata).toEqual({
      namespace: 'brightbird',
      name: 'test-runner-5f0c2d1e',
      labels: { app: 'venus-testrunner-pod', apptype: 'testrunner', testid: '5f0c2d1e', retry: '1' },
      annotations: {
        'brightbird.dev/task': 'nightly-7',
        'brightbird.dev/workflow-id': 'task/nightly-7',
        'brightbird.dev/run-id': 'run-1',
        'brightbird.dev/attempt': '1',
      },
    });
    expect(spec.containers[0]?.args).toEqual(['--work=/work/work.json']);
    expect(spec.volumes).toEqual([{ name: 'shared-dir-v', persistentVolumeClaim: { claimName: 'shared-dir' } }]);
  });

  test('has the resources of the settings if its template has none', () => {
    const resources = { requests: { cpu: '100m' }, limits: { memory: '128Mi' } };
    const own = text.replace('      args:', '      resources: { limits: { cpu: 1 } }\n      args:');
    expect(render({ resources }).spec.containers[0]?.resources).toEqual(resources);
    expect(render({ resources, text: own }).spec.containers[0]?.resources).toEqual({ limits: { cpu: 1 } });
  });

  test('has the attempt in its name from the second attempt on', () => {
    const { metadata } = render({ attempt: 2 });
    expect(metadata.name).toBe('test-runner-5f0c2d1e-2');
    expect(metadata.labels.retry).toBe('2');
  });

  test("keeps the template's own annotations", () => {
    const own = text.replace('  labels:', '  annotations: {team: storage}\n  labels:');
    expect(render({ text: own }).metadata.annotations).toMatchObject({
      team: 'storage',
      'brightbird.dev/attempt': '1',
    });
  });

  test.each(['12345678', '00000017', '1e234567', '12e45678'])(
    'keeps a testId that looks like a number: %s',
    (testId) => {
      expect(render({ testId, namespace: '007' }).metadata).toMatchObject({
        namespace: '007',
        name: `test-runner-${testId}`,
        labels: { testid: testId },
      });
    },
  );

  test.each([
    ['', "the original's image without a registry", 'filvenus/testrunner:zsk'],
    ['registry.example:5000', "the original's image with a registry", 'filvenus/testrunner:zsk'],
  ])("uses BrightBird's runner image instead of the original's (registry '%s')", (registry) => {
    expect(render({ registry }).spec.containers[0]?.image).toBe('brightbird/runner:abc');
  });

  test("uses BrightBird's runner image if the template has no image", () => {
    const none = text.replace(/ {6}image: .*\n/, '');
    expect(render({ text: none }).spec.containers[0]?.image).toBe('brightbird/runner:abc');
  });

  test.each(['team/runner:1', 'filvenus/testrunner:v2', 'xfilvenus/testrunner:zsk'])(
    "keeps a team's own image: %s",
    (image) => {
      const own = text.replace(/image: .*/, `image: ${image}`);
      expect(render({ text: own }).spec.containers[0]?.image).toBe(image);
    },
  );
});

describe("errors in the runner's template", () => {
  test.each([
    ['{{.TestID}}\nspec', '{{.TestId}}\nspec', 9, 15, undefined, 'line 9, column 15: unknown field .TestId'],
    ['kind: Pod', 'kind: Job', 2, 7, 'kind', 'rendered line 2: kind: expected "Pod"'],
    [
      'name: venus-testrunner\n',
      'nam: venus-testrunner\n',
      14,
      7,
      'spec.containers[0].name',
      'rendered line 14: spec.containers[0].name: expected string',
    ],
    [
      'Always',
      'Sometimes',
      16,
      24,
      'spec.containers[0].imagePullPolicy',
      'rendered line 16: spec.containers[0].imagePullPolicy: ',
    ],
    ['[{{.Args}}]', '[{{.Args}}', 18, 7, undefined, 'rendered line 18: Flow sequence'],
    ['    app: venus', '    testid: x\n    app: venus', 10, 5, undefined, 'rendered line 10: duplicate key "testid"'],
    ['    apptype: testrunner\n', '', 6, 3, 'metadata.labels', 'rendered line 6: label apptype is missing'],
    ['    testid: {{.TestID}}\n', '', 6, 3, 'metadata.labels', 'rendered line 6: label testid is missing'],
    [
      'testid: {{.TestID}}',
      'testid: mine',
      6,
      3,
      'metadata.labels',
      'rendered line 6: label testid is not {{.TestID}}',
    ],
  ])('have their location when %j is replaced by %j', (change, by, line, column, path, message) => {
    const fault = faultOf(change, by);
    expect(fault.code).toBe('template_invalid');
    expect(fault.message).toContain(`pod.yaml, ${message}`);
    expect(fault.where).toEqual({ file: 'pod.yaml', line, column, ...(path && { path }) });
  });

  test('have a hint with the missing labels', () => {
    expect(faultOf('    testid: {{.TestID}}\n', '').hint).toContain('testid: {{.TestID}}');
  });
});
