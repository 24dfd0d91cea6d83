import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type Docker from 'dockerode';
import type { Logger } from 'pino';
import { createApi } from '../api/create-api.ts';
import { type Listening, listen } from '../api/listen.ts';
import { assertSafeToListen } from '../api/loopback.ts';
import { openRepositories } from '../build/repositories/open-repositories.ts';
import { warmUpChecks } from '../checks/run-check.ts';
import type { Config } from '../config.ts';
import { createDispatcher } from '../deliveries/dispatcher.ts';
import { reconcileStarts } from '../jobs/reconcile-starts.ts';
import { start } from '../jobs/start.ts';
import { loadPlugins } from '../plugins/load-plugins.ts';
import { createReadInfo } from '../plugins/read-info.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Store } from '../store/connect.ts';
import { createBisectWorkflows } from '../temporal/bisect-workflows.ts';
import { ensureJanitor } from '../temporal/ensure-janitor.ts';
import { createOrchestrator } from '../temporal/orchestrator.ts';
import { createSchedules } from '../temporal/schedules.ts';
import { createTaskSteering } from '../temporal/task-messages.ts';

export interface ServerParts {
  config: Config;
  store: Store;
  temporal: Client;
  docker: Docker;
  /** Gives the name of the runner's image, which exists then; asked only when a program of the store is new. */
  runnerImage(): Promise<string>;
  /** The cluster that tests run in: readyz looks at it. */
  runtime?: Pick<Runtime, 'check' | 'dryRun'>;
  log: Logger;
}

/** Reads the plugin store, then opens the API and dispatches webhooks. Throws ConfigError when it must not or cannot listen. */
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
  const readInfo = createReadInfo({ docker, image: runnerImage, cache });
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
    ...(runtime && { runtime }),
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
    await start({ ...store, schedules, orchestrator, log });
    await reconcileStarts({ ...store, orchestrator, log });
  } catch (error) {
    await stop();
    throw error;
  }
  dispatcher.start();
  return { ...listening, stop };
}
