import type { Logger } from 'pino';
import { connectDocker } from '../../adapters/docker/connect.ts';
import { createRunnerImage } from '../../adapters/images/runner-image/runner-image.ts';
import { installRuntime } from '../../adapters/temporal/install-runtime.ts';
import type { Runtime } from '../../model/engine/runtime.ts';
import { queueNames } from '../../model/queues.ts';
import { assertSafeToListen } from '../api/loopback.ts';
import { runServer } from '../api/run-server.ts';
import type { Config } from '../config.ts';
import { connect } from '../process/connect.ts';
import { watchEventLoop } from '../process/event-loop/watch-event-loop.ts';
import type { Running } from '../process/main.ts';
import { ShutdownSteps } from '../process/shutdown-steps.ts';
import { createRuntime } from '../worker/create-runtime.ts';
import { registryAccounts } from '../worker/registry-accounts.ts';
import { runWorker } from '../worker/run-worker.ts';
import { startEmbedded } from './embedded.ts';
import { formatStageLine, type Report } from './stage.ts';

export interface System extends Running {
  apiUrl: string;
  /** Address of Temporal's Web UI, if the server was started here. */
  uiUrl: string | undefined;
  temporalAddress: string;
  runtime: Runtime;
}

/**
 * Starts the whole product in this process, with embedded servers; reports one line per part. `prepare` runs after the data
 * directory is locked and before the plugin store is read. Leaves nothing running when it throws.
 */
export async function startAll(
  config: Config,
  log: Logger,
  report: Report,
  prepare: () => Promise<void> = async () => undefined,
): Promise<System> {
  assertSafeToListen(config);
  const undo = new ShutdownSteps();
  try {
    const { temporal, mongoUri, baseImage, failed, stop } = await startEmbedded(config, report);
    undo.add(stop);
    await prepare();
    const startedAt = performance.now();
    const connections = await connect(config, { temporalAddress: temporal.address, mongoUri }, log, undo);
    installRuntime(log, config.METRICS_ADDRESS);
    const docker = connectDocker();
    const runnerImage = createRunnerImage({
      docker,
      baseImage,
      registry: config.REGISTRY,
      accountOf: registryAccounts(config),
      log,
    });
    const runtime = await createRuntime(config, docker, log);
    const parts = { config, ...connections, docker, runtime, runnerImage, log };
    const workers = await runWorker({ ...parts, temporalAddress: temporal.address, baseImage, queues: queueNames });
    undo.add(workers.stop);
    const server = await runServer(parts);
    undo.add(server.stop);
    undo.add(watchEventLoop(log));
    report(formatStageLine('brightbird', `API and workers started on ${server.url}`, startedAt));
    return {
      apiUrl: server.url,
      uiUrl: temporal.uiUrl,
      temporalAddress: temporal.address,
      runtime,
      done: Promise.race([workers.done, failed]),
      stop: () => undo.runAll(),
    };
  } catch (error) {
    await undo.runAll();
    throw error;
  }
}
