import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type Docker from 'dockerode';
import type { Logger } from 'pino';
import type { Store } from '../../adapters/mongodb/connect.ts';
import { createBisectWorkflows } from '../../adapters/temporal/bisect-workflows.ts';
import { ensureJanitor } from '../../adapters/temporal/ensure-janitor.ts';
import { createOrchestrator } from '../../adapters/temporal/orchestrator.ts';
import { createSchedules } from '../../adapters/temporal/schedules.ts';
import { createTaskSteering } from '../../adapters/temporal/task-messages.ts';
import type { Runtime } from '../../model/engine/runtime.ts';
import { warmUpChecks } from '../../services/checks/run-check.ts';
import { createDispatcher } from '../../services/deliveries/dispatcher.ts';
import { reconcileSchedules } from '../../services/jobs/reconcile-schedules.ts';
import { reconcileStarts } from '../../services/jobs/reconcile-starts.ts';
import { loadPlugins } from '../../services/plugins/load-plugins.ts';
import { createReadInfo } from '../../services/plugins/read-info.ts';
import type { Config } from '../config.ts';
import { openRepositories } from '../process/open-repositories.ts';
import { createApi } from './create-api.ts';
import { type Listening, listen } from './listen.ts';
import { assertSafeToListen } from './loopback.ts';

export interface ServerParts {
  config: Config;
  store: Store;
  temporal: Client;
  docker: Docker;
  /** Builds the runner image if needed, and returns its name. Called only for new programs of the plugin store. */
  runnerImage(): Promise<string>;
  /** The cluster of the tests, which `/readyz` checks. */
  runtime?: Pick<Runtime, 'check' | 'dryRun'>;
  log: Logger;
}

/** Reads the plugin store, opens the API and dispatches webhooks. Throws ConfigError when listening fails or is unsafe. */
export async function runServer({
  config,
  store,
  temporal,
  docker,
  runnerImage,
  runtime,
  log,
}: ServerParts): Promise<Listening> {
  assertSafeToListen(config);
  warmUpChecks();
  const cache = join(config.BRIGHTBIRD_HOME, 'plugin-info');
  const directory = config.PLUGIN_STORE;
  const readInfo = createReadInfo({ docker, image: runnerImage, cacheDirectory: cache });
  await loadPlugins({ ...store, log }, directory, readInfo);
  const orchestrator = createOrchestrator(temporal);
  const steering = createTaskSteering(temporal);
  const bisectWorkflows = createBisectWorkflows(temporal);
  const schedules = createSchedules(temporal);
  const dispatcher = createDispatcher({ ...store, orchestrator, log });
  const history = openRepositories(config, log);
  const pluginStore = { directory, readInfo };
  const api = createApi({
    store,
    orchestrator,
    steering,
    history,
    bisectWorkflows,
    schedules,
    pluginStore,
    dispatcher,
    runtime,
    config,
    log,
  });
  const listening = await listen(api, config);
  const stop = async () => {
    await listening.stop();
    await dispatcher.stop();
  };
  try {
    await ensureJanitor(temporal);
    await reconcileSchedules({ ...store, schedules, orchestrator, log });
    await reconcileStarts({ ...store, orchestrator, log });
  } catch (error) {
    await stop();
    throw error;
  }
  dispatcher.start();
  return { ...listening, stop };
}
