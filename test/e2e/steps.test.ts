import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { createSystem, settled, type TestSystem, until } from '../support/e2e/system.ts';

const docker = new Docker();
let system: TestSystem;
let address: string;

beforeAll(async () => {
  system = await createSystem();
  const { output } = await system.startServer();
  address = output.map((line) => /API +(http\S+)/.exec(line)?.[1]).find(Boolean) ?? '';
  await system.startWorker();
});
afterAll(() => system.close());

/** Steps count their runs in a file, which survives a restart of the runner. */
const graph = `name: steps
pipeline:
  flaky:
    plugin: bash
    retry: {attempts: 3, delay: 100ms}
    input:
      script: |
        echo x >> flaky
        mkdir $ARTIFACTS/out
        echo '<testsuite><testcase name="works"/></testsuite>' > $ARTIFACTS/out/junit.xml
        [ $(wc -l < flaky) = 2 ]
  fail:
    plugin: bash
    retry: {attempts: 2}
    input: {script: "echo x >> fail; echo failing; exit 3"}
  between:
    plugin: bash
    input: {script: echo between}
  tidy:
    plugin: bash
    always: true
    retry: {attempts: 2}
    input: {script: "echo x >> tidy; echo $(wc -l < flaky) $(wc -l < fail) $(wc -l < tidy); [ $(wc -l < tidy) = 3 ] || { [ $(wc -l < tidy) = 1 ] && exit 5; echo waiting; sleep 60; }"}
`;

test('a run with retried, failed and always-run steps ends with the states of its steps, even if its runner is killed', async () => {
  const taskId = await runFlow(system.api, graph);
  const text = async (step: string) => (await allLines(system.api, taskId, { step })).map((line) => line.text);
  await until(async () => (await text('tidy').catch((): string[] => [])).includes('waiting'));
  const { testId } = await system.api.get<{ testId: string }>(`/tasks/${taskId}`);
  const [runner] = await docker.listContainers({ filters: { label: [`testid=${testId}`] } });
  await docker.getContainer(runner?.Id ?? '').kill();
  const task = await settled(system.api, taskId);
  expect(task).toMatchObject({
    state: 'error',
    outcome: 'test',
    error: { code: 'step_failed', where: { step: 'fail' } },
  });
  const { steps } = await system.api.get<{ steps: object[] }>(`/tasks/${taskId}`);
  expect(steps).toMatchObject([
    { instance: 'flaky', state: 'success', tries: 2 },
    { instance: 'fail', state: 'error', tries: 2, error: { message: 'the script ended with exit code 3: failing' } },
    { instance: 'between', state: 'skipped' },
    { instance: 'tidy', state: 'success', tries: 2 },
  ]);
  expect(await text('between')).toEqual([]);
  expect((await text('tidy')).filter((line) => /^try|^\d/.test(line))).toEqual([
    'try 1 of 2',
    '2 2 1',
    'try 1 failed: the script ended with exit code 5: 2 2 1',
    'try 2 of 2',
    '2 2 2',
    'try 2 of 2',
    '2 2 3',
  ]);
  const { items: files } = await system.api.get<{ items: object[] }>(`/tasks/${taskId}/artifacts`);
  expect(files).toContainEqual(expect.objectContaining({ step: 'flaky', path: 'out/junit.xml', complete: true }));
  expect(await system.api.get(`/tasks/${taskId}/testcases`)).toMatchObject({
    items: [{ step: 'flaky', path: 'out/junit.xml', name: 'works', state: 'passed' }],
    totals: { tests: 1, passed: 1 },
    warnings: [],
    unreadable: [],
  });
});

test('an artifact of 4 MB is stored unchanged', async () => {
  const script = 'head -c 4194304 /dev/urandom > $ARTIFACTS/noise; sha256sum < $ARTIFACTS/noise';
  const taskId = await runFlow(
    system.api,
    `name: large\npipeline:\n  it: {plugin: bash, input: {script: "${script}"}}\n`,
  );
  expect(await settled(system.api, taskId)).toMatchObject({ state: 'success' });
  const { items } = await system.api.get<{ items: { content: string }[] }>(`/tasks/${taskId}/artifacts`);
  expect(items).toMatchObject([{ step: 'it', path: 'noise', sizeBytes: 4_194_304, complete: true }]);
  const answer = await fetch(new URL(items[0]?.content ?? '', address));
  const sum = createHash('sha256')
    .update(Buffer.from(await answer.arrayBuffer()))
    .digest('hex');
  const [line] = await allLines(system.api, taskId, { step: 'it' });
  expect(line?.text).toBe(`${sum}  -`);
});

test('parallel steps use a secret that only the deployed component reveals', async () => {
  const secret = 'a secret of the team';
  await mkdir(join(system.home, 'secrets'));
  await writeFile(join(system.home, 'secrets/token'), `${secret}\n`);
  const meet = (me: string, other: string) => `touch ${me}; while [ ! -e ${other} ]; do sleep 0.01; done`;
  const graph = `name: secret
pipeline:
  one: {plugin: bash, needs: [], input: {env: {TOKEN: "{{secret.token}}"}, script: "${meet('one', 'two')}; echo one $TOKEN"}}
  two: {plugin: bash, needs: [], input: {env: {TOKEN: "{{secret.token}}"}, script: "${meet('two', 'one')}; [ \\"$TOKEN\\" = '${secret}' ]; exit 3"}}
  last: {plugin: bash, always: true, input: {script: "echo last"}}
`;
  const taskId = await runFlow(system.api, graph.replace(`= '${secret}'`, "!= ''"));
  const task = await settled(system.api, taskId);
  expect(task).toMatchObject({ state: 'error', error: { where: { step: 'two' } } });
  const text = async (step: string) => (await allLines(system.api, taskId, { step })).map((line) => line.text);
  expect([await text('one'), await text('last')]).toEqual([['one ***'], ['last']]);
  expect(JSON.stringify(await system.api.get(`/tasks/${taskId}`))).not.toContain(secret);
});
