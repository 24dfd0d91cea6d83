import { expect, test } from '@jest/globals';
import { workSecret } from '../../../src/adapters/kubernetes/work-secret.ts';
import type { RunnerSpec } from '../../../src/model/engine/runtime.ts';
import { loadWork } from '../../../src/model/stored-work.ts';
import type { WorkStep } from '../../../src/model/work.ts';
import { builtinPlugins } from '../../../src/services/plugins/builtin-plugins.ts';

const [bash] = builtinPlugins.filter(({ name }) => name === 'bash');
if (!bash) throw new Error('no built-in plugin bash');

/** Returns the work file of a run's Secret, and its size. */
async function secretOf(steps: WorkStep[]): Promise<{ text: string; bytes: number }> {
  const run = { taskId: 'job-1', testId: 'abcd1234', attempt: 1, workflowId: 'task/job-1', runId: 'run' };
  const work = { ...run, namespace: 'test', registry: '', mark: 'a-mark-of-the-tests', globals: {}, steps };
  const spec: RunnerSpec = {
    ...{ ...run, installation: 'here', files: [], secrets: {}, deploys: true, components: [] },
    manifest: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'test-runner', labels: {} },
      spec: { containers: [] },
    },
    work: { ...work, commits: {}, versions: {}, images: {} },
  };
  const runtime = { kind: 'kubernetes' as const, labels: {}, annotations: {}, hosts: [] };
  const { manifest } = await workSecret(spec, runtime, { name: 'anchor', uid: 'uid' }, true);
  const text = Buffer.from(String((manifest.data as Record<string, string>)['work.json']), 'base64').toString();
  return { text, bytes: Buffer.byteLength(text) };
}

const steps = (count: number): WorkStep[] =>
  Array.from({ length: count }, (_, n) => {
    const script = `set -e; curl --fail --silent http://orders:8080/orders/${n} | grep -q accepted; echo "order ${n} is accepted"`;
    return { instance: `check-order-${n}`, plugin: 'bash', version: 'v1.0.0', input: { script }, def: bash };
  });

test('stores the work file of 2,000 steps in a Secret, from which the runner reads all steps', async () => {
  const { text, bytes } = await secretOf(steps(2000));
  expect(bytes).toBeLessThan(600_000);
  expect(loadWork(text).steps).toEqual(steps(2000));
});

test('stores the definition of each plugin version once in the work file', async () => {
  const other = { ...bash, version: 'v2.0.0', description: 'another version' };
  const [one, two, three] = steps(3) as [WorkStep, WorkStep, WorkStep];
  const { text } = await secretOf([one, { ...two, version: 'v2.0.0', def: other }, three]);
  expect(text.split(JSON.stringify(bash.inputSchema)).length - 1).toBe(2);
  expect(loadWork(text).steps.map(({ def }) => def.version)).toEqual(['v1.0.0', 'v2.0.0', 'v1.0.0']);
});
