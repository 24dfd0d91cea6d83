import { createJobActivities } from '../../../activities/jobs.ts';
import { createRecordActivities } from '../../../activities/records.ts';
import { createBuildWorkflows } from '../../../src/adapters/temporal/build-workflows.ts';
import { connectWorkers } from '../../../src/adapters/temporal/connect.ts';
import { installRuntime } from '../../../src/adapters/temporal/install-runtime.ts';
import { createOrchestrator } from '../../../src/adapters/temporal/orchestrator.ts';
import { createSchedules } from '../../../src/adapters/temporal/schedules.ts';
import type { BuildActivities, CleanupActivities, RunnerActivities } from '../../../src/model/activities.ts';
import { readConfig, requireServers } from '../../../src/programs/config.ts';
import { connect } from '../../../src/programs/process/connect.ts';
import { createLogger } from '../../../src/programs/process/logger.ts';
import { main } from '../../../src/programs/process/main.ts';
import { ShutdownSteps } from '../../../src/programs/process/shutdown-steps.ts';
import { startWorkers } from '../../../src/programs/worker/start-workers.ts';
import { workflowBundle } from '../../../src/programs/worker/workflow-bundle.ts';

/** Activities with runners that end at once, for tests of hundreds of tasks; records and jobs are real. */
const instant: RunnerActivities & CleanupActivities = {
  createRunner: async ({ testId }) => ({ name: `test-runner-${testId}`, uid: testId }),
  followHeld: async () => undefined,
  followRunner: async () => ({ verdict: { state: 'success' }, exitCode: 0, restarts: 0, steps: [] }),
  awaitTask: async () => ({ state: 'success' }),
  drainLogs: async () => [],
  cleanUp: async () => [],
  tidyUp: async () => undefined,
  removeOrphans: async () => undefined,
  removeExpired: async () => undefined,
};

/** Every version is a commit, and every image exists. */
const found: Pick<BuildActivities, 'resolveCommit' | 'joinBuild'> = {
  resolveCommit: async ({ version }) => (/^[0-9a-f]{40}$/.test(version) ? version : '1'.repeat(40)),
  joinBuild: async ({ plugin, commit }) => ({ image: `${plugin}:${commit}` }),
};

await main(async () => {
  const config = readConfig(process.env);
  const servers = requireServers(config);
  const log = createLogger(config);
  const undo = new ShutdownSteps();
  installRuntime(log);
  const { store, temporal } = await connect(config, servers, log, undo);
  const connection = await connectWorkers(config, servers.temporalAddress);
  undo.add(() => connection.close());
  const ports = {
    ...store,
    orchestrator: createOrchestrator(temporal),
    schedules: createSchedules(temporal),
    buildWorkflows: createBuildWorkflows(temporal),
    log,
  };
  const control = { ...createRecordActivities(ports), ...createJobActivities(ports) };
  const workers = await startWorkers({
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    queues: ['control', 'build', 'runner', 'cleanup'],
    activities: { control, build: found, runner: instant, cleanup: instant },
    buildSlots: 1,
    bundle: await workflowBundle(config.BRIGHTBIRD_CACHE),
  });
  undo.add(workers.stop);
  console.log('worker ready');
  return { done: workers.done, stop: () => undo.runAll() };
});
