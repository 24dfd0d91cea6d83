import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createRecordActivities } from '../../activities/records.ts';
import { createRunnerActivities } from '../../activities/runner.ts';
import type { RunnerActivities, TaskInput } from '../../src/model/activities.ts';
import type { Runtime } from '../../src/model/engine/runtime.ts';
import type { StepSpec } from '../../src/model/flow.ts';
import type { Marker } from '../../src/model/marker.ts';
import { createSigner } from '../../src/model/marker-signature.ts';
import { queues } from '../../src/model/queues.ts';
import { openStore, type TestStore } from '../support/adapters/mongodb/open-store.ts';
import { aJob, aTask } from '../support/adapters/mongodb/records.ts';
import { lines, ScriptedRun } from '../support/services/runs/scripted-run.ts';
import { bash } from '../support/services/tasks/plugins.ts';
import { createHarness, type Harness } from '../support/workflows/harness.ts';

let harness: Harness;
let opened: TestStore;
beforeAll(async () => {
  [harness, opened] = await Promise.all([createHarness(), openStore()]);
  await opened.store.plugins.replaceAll([bash]);
});
afterAll(async () => {
  await harness.close();
  await opened.close();
});

const error = { code: 'step_failed', message: 'x'.repeat(5000) };

/** Same length for every step, so that histories differ only by their growth. */
const nameOf = (index: number): string => `step-${String(index).padStart(4, '0')}`;

/** Returns the output of a runner whose steps succeed, optionally except for the last one. */
function printed(mark: string, steps: number, fails: boolean): string[] {
  const sign = createSigner();
  const say = (brightbird: string, fields: object = {}): string =>
    sign({ brightbird, mark, at: new Date().toISOString(), ...fields } as Marker);
  const start = say('runner.start');
  const each = Array.from({ length: steps }, (_, index) => {
    const instance = nameOf(index);
    const failed = fails && index === steps - 1;
    const end = failed ? { state: 'error', error } : { state: 'success' };
    return [say('step.start', { instance }), `${instance} works`, say('step.end', { instance, ...end })];
  });
  const verdict = fails ? { state: 'error', failedStep: nameOf(steps - 1) } : { state: 'success' };
  return [start, ...each.flat(), say('runner.end', verdict)];
}

interface Growth {
  events: number;
  bytes: number;
  state: string | undefined;
  steps: Record<string, number>;
}

/** Runs a task with a number of steps: real workflow, records and follower over a runner with scripted output. */
async function run(steps: number, { fails = false } = {}): Promise<Growth> {
  const { store } = opened;
  const id = `g${randomBytes(4).toString('hex')}`;
  const pipeline = Array.from({ length: steps }, (_, n): StepSpec => {
    return { instance: nameOf(n), plugin: bash.name, version: bash.version, input: { script: 'true' } };
  });
  // Runs a lockfile, so that the check of a very long flow does not matter here.
  const { id: lockfileOf } = await store.tasks.open(aTask(`${id}-before`, 1, { pipeline }), () => `${id}-before`);
  await store.jobs.insert(aJob(id));
  const log = pino({ level: 'silent' });
  let scripted: ScriptedRun | undefined;
  const runtime: Runtime = {
    ...new ScriptedRun('unused', [{ lines: [] }]).runtime,
    async createRunner({ work, taskId }) {
      scripted = new ScriptedRun(taskId, [{ lines: lines(0, printed(work.mark, steps, fails)), end: { exitCode: 0 } }]);
      return scripted.runner;
    },
    watch: (...request) => scripted?.runtime.watch(...request) ?? missing(),
    readLog: (...request) => scripted?.runtime.readLog(...request) ?? missing(),
  };
  const template = fileURLToPath(new URL('../../templates/testrunner-deployment-template.yaml', import.meta.url));
  const settings = {
    template,
    namespace: 'test',
    registry: '',
    pluginStore: '',
    secretStore: '',
    engineTimeoutMs: 60_000,
  };
  const { createRunner, followRunner }: RunnerActivities = createRunnerActivities({
    ...store,
    runtime,
    log,
    installation: 'here',
    settings: { ...settings, runnerImage: async () => 'runner:1' },
  });
  harness.use({ ...createRecordActivities({ ...store, log }), createRunner, followRunner });
  const input: TaskInput = {
    jobId: id,
    testFlowId: 'f1',
    number: 1,
    trigger: { type: 'manual' },
    requestedAt: new Date(0).toISOString(),
    run: { versions: {}, globalProperties: {}, lockfileOf },
  };
  const handle = await harness.client.workflow.start('task', {
    workflowId: `task/${id}-1`,
    taskQueue: queues.control,
    args: [input],
  });
  await handle.result().catch(() => undefined);
  const { historyLength, historySize = 0 } = await handle.describe();
  const task = await store.tasks.get(`${id}-1`);
  const counts: Record<string, number> = {};
  for (const { state } of task?.steps ?? []) counts[state] = (counts[state] ?? 0) + 1;
  return { events: historyLength, bytes: historySize, state: task?.state, steps: counts };
}

function missing(): never {
  throw new Error('no runner was created');
}

test('the history of a task with 2,000 steps is as small as with 10, also with a long error, and the record has all steps', async () => {
  const [few, many] = [await run(10, { fails: true }), await run(2000, { fails: true })];
  expect(few).toMatchObject({ state: 'error', steps: { success: 9, error: 1 } });
  expect(many).toMatchObject({ state: 'error', steps: { success: 1999, error: 1 } });
  expect(many.events).toBeLessThanOrEqual(60);
  expect(many.bytes).toBeLessThanOrEqual(40_000);
  // Payloads in Temporal only grow by numbers with more digits.
  expect(many.bytes - few.bytes).toBeLessThan(1000);
}, 300_000);
