import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { type Client, Client as TemporalClient } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import Long from 'long';
import { pino } from 'pino';
import { installRuntime } from '../../../src/adapters/temporal/install-runtime.ts';
import { prepareNamespace } from '../../../src/adapters/temporal/prepare-namespace.ts';
import type {
  BisectActivities,
  BuildActivities,
  CleanupActivities,
  JobActivities,
  ProjectInput,
  RecordActivities,
  RemovalActivities,
  RunnerActivities,
  RunnerEnd,
  TaskPlan,
} from '../../../src/model/activities.ts';
import { startWorkers } from '../../../src/programs/worker/start-workers.ts';
import { workflowBundle } from '../../../src/programs/worker/workflow-bundle.ts';
import { connectTemporal } from '../jest/connect-temporal.ts';
import { testServers } from '../jest/servers.ts';

/** Activities that a test scripts, for faults that no engine produces on demand. */
export type Script = Partial<
  BisectActivities &
    RecordActivities &
    BuildActivities &
    RunnerActivities &
    CleanupActivities &
    JobActivities &
    RemovalActivities
>;

export const plan: TaskPlan = {
  testId: 'abcd1234',
  timeoutMs: 600_000,
  components: [],
  versions: {},
  instances: ['one', 'two'],
};

export const success = {
  verdict: { state: 'success' },
  exitCode: 0,
  restarts: 0,
  steps: [
    { instance: 'one', state: 'success' },
    { instance: 'two', state: 'success' },
  ],
} satisfies RunnerEnd;

export interface Harness {
  client: Client;
  calls: string[];
  projections: ProjectInput[];
  /** Recorded decisions about triggers that started no task of their own. */
  decisions: Parameters<JobActivities['recordDecision']>[0][];
  /** Replaces the script, and forgets the calls so far. */
  use(script: Script): void;
  close(): Promise<void>;
}

/** Runs an activity with heartbeats until it is cancelled. */
async function untilCancelled(): Promise<void> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 200);
  await new Promise((resolve) => context.cancellationSignal.addEventListener('abort', resolve));
  clearInterval(timer);
}

/** Starts workers with the real workflows and scripted activities, in a namespace of their own on a real Temporal server. */
export async function createHarness({ installed = false } = {}): Promise<Harness> {
  const log = pino({ level: 'silent' });
  if (!installed) installRuntime(log);
  const { temporalAddress: address } = await testServers();
  const namespace = `wf-${randomBytes(4).toString('hex')}`;
  const connection = await connectTemporal(address);
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: Long.fromNumber(24 * 3600) },
  });
  const client = new TemporalClient({ connection, namespace });
  await prepareNamespace(client, log);
  const calls: string[] = [];
  const projections: ProjectInput[] = [];
  const decisions: Harness['decisions'] = [];
  const numbers = new Map<string, number>();
  const defaults: Required<Script> = {
    openTask: async () => plan,
    keepVersions: async () => undefined,
    projectTask: async (input) => void projections.push(input),
    newestTag: async () => 'v1.0.0',
    listCommits: async () => [],
    describeCommit: async ({ commit }) => ({ sha: commit, author: 'a', at: '2026-11-24T10:00:00Z', subject: 's' }),
    startRun: async () => 'job-1',
    recordBisect: async () => undefined,
    settleLostBisects: async () => undefined,
    awaitTask: async () => ({ state: 'success' }),
    resolveCommit: async () => 'c'.repeat(40),
    joinBuild: async () => ({ image: 'image:1' }),
    beginBuild: async () => ({}),
    buildImage: async () => ({ built: true }),
    endBuild: async () => undefined,
    createRunner: async () => ({ name: 'test-runner-abcd1234', uid: 'uid' }),
    followRunner: async () => success,
    followHeld: () => untilCancelled(),
    drainLogs: async () => [],
    cleanUp: async () => [],
    tidyUp: async () => undefined,
    removeOrphans: async () => undefined,
    removeExpired: async () => undefined,
    takeNumber: async ({ jobId, after }) => {
      const number = Math.max(numbers.get(jobId) ?? 0, after) + 1;
      numbers.set(jobId, number);
      return number;
    },
    settledTasks: async () => [],
    cancelStart: async () => undefined,
    reconcileStarts: async () => undefined,
    closedTasks: async () => [],
    recordDecision: async (input) => void decisions.push(input),
    stopTasks: async () => [],
    fireJob: async () => undefined,
    reconcileJobs: async () => undefined,
    dispatchWaiting: async () => undefined,
    settleLostBuilds: async () => undefined,
    lostTasks: async () => [],
    findLost: async () => undefined,
    settleLost: async () => undefined,
    eraseJob: async () => undefined,
  };
  let script: Script = {};
  const activities = Object.fromEntries(
    Object.entries(defaults).map(([name, fallback]) => [
      name,
      (input: never) => {
        calls.push(name);
        const scripted = (script as Record<string, ((input: never) => unknown) | undefined>)[name];
        return (scripted ?? (fallback as (input: never) => unknown))(input);
      },
    ]),
  );
  const native = await NativeConnection.connect({ address });
  const workers = await startWorkers({
    connection: native,
    namespace,
    queues: ['control', 'build', 'runner', 'cleanup'],
    activities: { control: activities, build: activities, runner: activities, cleanup: activities },
    buildSlots: 2,
    bundle: await workflowBundle(join(tmpdir(), 'brightbird-test-cache')),
  });
  return {
    client,
    calls,
    projections,
    decisions,
    use(next) {
      script = next;
      calls.length = 0;
      projections.length = 0;
      decisions.length = 0;
    },
    async close() {
      await workers.stop();
      await native.close();
      await connection.close();
    },
  };
}
