import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { RunnerSpec } from '../../../src/model/engine/runtime.ts';
import type { StepSpec } from '../../../src/model/flow.ts';
import type { RunIdentity } from '../../../src/model/run.ts';
import type { Task } from '../../../src/model/task.ts';
import { workFileSchema } from '../../../src/model/work.ts';
import { maskOfTask } from '../../../src/services/secrets/mask-of-task.ts';
import { type CreateRunnerPorts, createRunner, type RunnerRequest } from '../../../src/services/tasks/create-runner.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { ScriptedRun } from '../../support/services/runs/scripted-run.ts';
import { bash, greeter, program } from '../../support/services/tasks/plugins.ts';

const template = fileURLToPath(new URL('../../../templates/testrunner-deployment-template.yaml', import.meta.url));
const secret = 'correct-horse-battery';
const mark = 'mark-of-the-attempt';

let opened: TestStore;
let count = 0;
beforeAll(async () => {
  opened = await openStore();
  await opened.store.plugins.replaceAll([
    bash,
    greeter('v1.0.0'),
    greeter('v1.1.0'),
    program('probe', 'tools/probe'),
    program('probe-too', 'tools/probe'),
    program('other', 'other'),
  ]);
});
afterAll(() => opened.close());

const step = (instance: string, plugin: string, version = 'v1.0.0'): StepSpec => ({
  instance,
  plugin,
  version,
  input: {},
});

/** Creates the runner of a new task. Returns the spec passed to the runtime, and the log lines. */
async function create(
  pipeline: StepSpec[],
  change: {
    attempt?: number;
    template?: string;
    secretStore?: string;
    task?: Partial<Task>;
    retry?: Pick<RunnerRequest, 'earlier' | 'inputs'>;
  } = {},
) {
  count += 1;
  const task = await opened.store.tasks.open(aTask('r', count, { pipeline, ...change.task }), () => `abcd000${count}`);
  const run: RunIdentity = {
    taskId: task.id,
    testId: task.testId,
    attempt: change.attempt ?? 1,
    workflowId: 'w',
    runId: 'r',
    installation: 'here',
  };
  const logged: string[] = [];
  const asked: RunnerSpec[] = [];
  const ports: CreateRunnerPorts = {
    ...opened.store,
    runtime: {
      ...new ScriptedRun(task.id, [{ lines: [] }]).runtime,
      async createRunner(spec) {
        asked.push(spec);
        return { name: spec.manifest.metadata.name, uid: 'uid-1' };
      },
    },
    log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }),
    settings: {
      template: change.template ?? template,
      namespace: 'test-space',
      registry: 'registry.invalid',
      pluginStore: '/plugins',
      secretStore: change.secretStore ?? '/nowhere',
      runnerImage: async () => 'brightbird/runner:abc',
    },
  };
  const request = {
    run,
    mark,
    commits: { 'greeter-deploy': 'c'.repeat(40) },
    images: { 'greeter-deploy': 'greeter:c' },
    ...change.retry,
  };
  const outputs = { svcEndpoint: 'http://greeter:8080' };
  await opened.store.outputs.put(task.id, run.attempt - 1, 'greeter', outputs, [['token']]);
  const runner = await createRunner(ports, request, new AbortController().signal);
  const [spec] = asked;
  if (!spec) throw new Error('the runtime was not asked');
  return { task, run, runner, spec, logged, ports };
}

describe('createRunner', () => {
  test('createRunner gives the runner rights in the engine only if a step deploys or asks for them', async () => {
    expect((await create([step('check', 'probe')])).spec.deploys).toBe(false);
    expect((await create([step('greeter', 'greeter-deploy')])).spec.deploys).toBe(true);
    expect((await create([{ ...step('check', 'probe'), engineAccess: true }])).spec.deploys).toBe(true);
  });

  test('createRunner writes a work file that the runner can read', async () => {
    const pipeline: StepSpec[] = [
      { ...step('greeter', 'greeter-deploy'), input: { replicas: 1 } },
      { ...step('check', 'bash'), input: { script: 'echo {{greeter.svcEndpoint}}' }, timeoutMs: 5000 },
    ];
    const globals = { logLevel: 'DEBUG', n: 1 };
    const { task, run, spec } = await create(pipeline, { attempt: 2, task: { globals, versions: { x: 'main' } } });
    expect(spec.work).toEqual({
      taskId: task.id,
      testId: run.testId,
      attempt: 2,
      namespace: 'test-space',
      registry: 'registry.invalid',
      mark,
      globals,
      commits: { 'greeter-deploy': 'c'.repeat(40) },
      versions: { x: 'main' },
      images: { 'greeter-deploy': 'greeter:c' },
      steps: [
        { ...pipeline[0], def: greeter('v1.0.0') },
        { ...pipeline[1], def: bash },
      ],
    });
    expect(workFileSchema.safeParse({ ...spec.work, runtime: { kind: 'docker', labels: {} } }).success).toBe(true);
    expect(spec).toMatchObject({ ...run, deploys: true });
  });

  test('createRunner gives a retry the edited input and the outputs of the previous attempt', async () => {
    const pipeline: StepSpec[] = [step('greeter', 'greeter-deploy'), step('check', 'bash'), step('last', 'bash')];
    const input = { script: 'echo edited' };
    const retry = { earlier: ['greeter'], inputs: { check: input } };
    const { task, spec } = await create(pipeline, { attempt: 2, retry });
    const earlier = { greeter: { svcEndpoint: 'http://greeter:8080' } };
    expect(spec.work.earlier).toEqual(earlier);
    expect(spec.work.masked).toEqual({ greeter: [['token']] });
    expect(await opened.store.outputs.masked(task.id, 2)).toEqual(spec.work.masked);
    expect(spec.work.steps.map((one) => one.input)).toEqual([{}, input, {}]);
    expect(await opened.store.outputs.all(task.id, 2)).toEqual(earlier);
    expect((await opened.store.tasks.get(task.id))?.pipeline[1]?.input).toEqual({});
  });

  test('createRunner renders the template with the name of the attempt and the image of BrightBird', async () => {
    const { run, runner, spec } = await create([step('check', 'bash')], { attempt: 3 });
    expect(runner).toEqual({ name: `test-runner-${run.testId}-3`, uid: 'uid-1' });
    expect(spec.manifest.metadata).toMatchObject({ namespace: 'test-space', name: runner.name });
    expect(spec.manifest.spec.containers[0]).toMatchObject({ image: 'brightbird/runner:abc' });
  });

  test('createRunner passes the secrets of the steps outside the work file and logs none', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'brightbird-secrets-'));
    await writeFile(join(directory, 'token'), secret);
    await writeFile(join(directory, 'other'), 'not of this flow');
    const pipeline = [{ ...step('check', 'bash'), input: { script: 'true', env: { TOKEN: '{{secret.token}}' } } }];
    const { spec, logged, task, ports } = await create(pipeline, { secretStore: directory });
    expect(spec.secrets).toEqual({ token: secret });
    expect(JSON.stringify([spec.work, spec.manifest, logged])).not.toContain(secret);
    expect((await maskOfTask(ports, task.id))(`a line with ${secret}`)).toBe('a line with ***');
    await rm(directory, { recursive: true });
  });

  test('createRunner passes and masks the secrets of the edited input of a retry', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'brightbird-secrets-'));
    await writeFile(join(directory, 'other'), secret);
    const input = { script: 'true', env: { TOKEN: '{{secret.other}}' } };
    const attempts: Task['attempts'] = [
      { attempt: 2, from: 'check', input, state: 'running', steps: [], startedAt: '' },
    ];
    const retry = { earlier: [], inputs: { check: input } };
    const change = { attempt: 2, retry, secretStore: directory, task: { attempts } };
    const { spec, task, ports } = await create([step('check', 'bash')], change);
    expect(spec.secrets).toEqual({ other: secret });
    expect((await maskOfTask(ports, task.id))(`a line with ${secret}`)).toBe('a line with ***');
    await rm(directory, { recursive: true });
  });

  test('createRunner names a missing secret in its fault and creates no runner', async () => {
    const pipeline = [{ ...step('check', 'bash'), input: { script: 'true', env: { TOKEN: '{{secret.token}}' } } }];
    await expect(create(pipeline)).rejects.toMatchObject({
      code: 'secret_invalid',
      message: 'the secret "token" is not in the secret store',
    });
  });

  test('createRunner puts secret globals into the work file only, not into args, Pod or log', async () => {
    const pipeline = [{ ...step('check', 'bash'), input: { script: 'true', env: { TOKEN: secret } } }];
    const { spec, logged } = await create(pipeline, { task: { globals: { password: secret } } });
    expect(JSON.stringify(spec.work)).toContain(secret);
    expect(spec.manifest.spec.containers[0]?.args).toEqual(['--work=/work/work.json']);
    expect(JSON.stringify(spec.manifest)).not.toContain(secret);
    expect(JSON.stringify(spec.manifest)).not.toContain(mark);
    expect(logged.join()).toContain('Created scriptRunner');
    expect(logged.join()).not.toContain(secret);
    expect(logged.join()).not.toContain(mark);
  });

  test('createRunner passes each program of the steps once and no other program', async () => {
    const steps = [
      step('a', 'probe'),
      step('b', 'probe'),
      step('c', 'probe-too'),
      step('d', 'other'),
      step('e', 'bash'),
    ];
    const { spec } = await create(steps);
    expect(spec.files).toEqual([
      { from: '/plugins/tools/probe', to: '/work/plugins/tools/probe' },
      { from: '/plugins/other', to: '/work/plugins/other' },
    ]);
    expect(spec.deploys).toBe(false);
  });

  test('createRunner uses the plugin versions recorded with the task', async () => {
    const { spec } = await create([step('a', 'greeter-deploy', 'v1.0.0'), step('b', 'greeter-deploy', 'v1.1.0')]);
    expect(spec.work.steps.map(({ def }) => def.version)).toEqual(['v1.0.0', 'v1.1.0']);
  });

  test('createRunner applies an edited template at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'brightbird-template-'));
    try {
      const edited = join(folder, 'pod.yaml');
      const text = await readFile(template, 'utf8');
      await writeFile(edited, text.replace('name: PRODUCTION', 'name: EDITED'));
      const { spec } = await create([step('a', 'bash')], { template: edited });
      expect(spec.manifest.spec.containers[0]?.env?.map(({ name }) => name)).toEqual(['EDITED']);
      await writeFile(edited, 'kind: {{.Unknown}}\n');
      const refused = { code: 'template_invalid', where: { file: 'pod.yaml', line: 1 } };
      await expect(create([step('a', 'bash')], { template: edited })).rejects.toMatchObject(refused);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('createRunner names the plugin and the step in its fault if a plugin was deleted', async () => {
    await expect(create([step('a', 'bash'), step('b', 'probe', 'v9.0.0')])).rejects.toMatchObject({
      code: 'plugin_invalid',
      message: expect.stringContaining('probe v9.0.0'),
      where: { step: 'b' },
    });
  });
});
