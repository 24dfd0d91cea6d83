import { fileURLToPath } from 'node:url';
import { createBisectActivities } from '../../../activities/bisects.ts';
import { createBuildActivities } from '../../../activities/builds.ts';
import { createCleanupActivities } from '../../../activities/cleanup.ts';
import { createJobActivities, createRemovalActivities } from '../../../activities/jobs.ts';
import { createRecordActivities } from '../../../activities/records.ts';
import { createRunnerActivities } from '../../../activities/runner.ts';
import { createBisectWorkflows } from '../../adapters/temporal/bisect-workflows.ts';
import { createBuildWorkflows } from '../../adapters/temporal/build-workflows.ts';
import { connectWorkers } from '../../adapters/temporal/connect.ts';
import { createOrchestrator } from '../../adapters/temporal/orchestrator.ts';
import { createSchedules } from '../../adapters/temporal/schedules.ts';
import { mysqlCredentials } from '../../model/mysql-template.ts';
import type { Resources } from '../../model/placement.ts';
import type { QueueName } from '../../model/queues.ts';
import { warmUpChecks } from '../../services/checks/run-check.ts';
import { type BuildParts, createBuildParts, sweepBuilds } from './build-parts.ts';
import { startWorkers, type Workers } from './start-workers.ts';
import type { WorkerParts } from './worker-parts.ts';
import { workflowBundle } from './workflow-bundle.ts';

const defaultTemplate = fileURLToPath(
  new URL('../../../templates/testrunner-deployment-template.yaml', import.meta.url),
);

/** Composes the activities with their ports and runs the workers of `queues` in this process; see Workers. */
export async function runWorker(parts: WorkerParts): Promise<Workers> {
  const { config, queues, log } = parts;
  if (queues.includes('control')) warmUpChecks();
  const [bundle, connection] = await Promise.all([
    workflowBundle(config.BRIGHTBIRD_CACHE),
    connectWorkers(config, parts.temporalAddress),
  ]);
  // Built before the first task needs it. After a failure the task retries, and reports the reason.
  if (queues.includes('runner'))
    parts.runnerImage().catch((error) => log.warn({ err: error }, 'cannot build the runner image yet'));
  const building = createBuildParts(parts);
  if (queues.includes('build')) await sweepBuilds(building, log);
  const workers = await startWorkers({
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    queues,
    activities: createActivities(parts, building),
    buildSlots: config.BUILD_SLOTS,
    bundle,
  });
  return {
    done: workers.done,
    async stop() {
      await workers.stop();
      await connection.close();
    },
  };
}

function createActivities(parts: WorkerParts, building: BuildParts): Record<QueueName, object> {
  const { config, store, temporal, runtime, runnerImage, log } = parts;
  const settings = {
    template: config.RUNNER_TEMPLATE ?? defaultTemplate,
    namespace: config.NAMESPACE,
    registry: config.REGISTRY,
    pluginStore: config.PLUGIN_STORE,
    secretStore: config.SECRET_STORE,
    runnerResources: resourcesOf(config.RUNNER_REQUESTS, config.RUNNER_LIMITS),
    componentResources: resourcesOf(config.COMPONENT_REQUESTS, config.COMPONENT_LIMITS),
    engineTimeoutMs: config.ENGINE_TIMEOUT_SECONDS * 1000,
    runnerImage,
    hidden: config.MYSQL_CONN_TEMPLATE === undefined ? [] : mysqlCredentials(config.MYSQL_CONN_TEMPLATE),
  };
  const retention = { logDays: config.LOG_RETENTION_DAYS, taskDays: config.TASK_RETENTION_DAYS };
  const orphanGrace = config.ORPHAN_GRACE_MINUTES * 60_000;
  const durable = {
    orchestrator: createOrchestrator(temporal),
    schedules: createSchedules(temporal),
    buildWorkflows: createBuildWorkflows(temporal),
    bisectWorkflows: createBisectWorkflows(temporal),
  };
  return {
    control: {
      ...createRecordActivities({ ...store, log }),
      ...createJobActivities({ ...store, ...durable, log }),
      ...createBisectActivities({ ...store, ...durable }),
    },
    build: createBuildActivities({ ...store, ...durable, ...building }),
    runner: createRunnerActivities({ ...store, runtime, log, settings }),
    cleanup: {
      ...createCleanupActivities({ ...store, ...durable, runtime, log, retention, orphanGraceMs: orphanGrace }),
      ...createRemovalActivities(store),
    },
  };
}

function resourcesOf(requests: Resources['requests'], limits: Resources['limits']): Resources | undefined {
  return requests || limits ? { ...(requests && { requests }), ...(limits && { limits }) } : undefined;
}
