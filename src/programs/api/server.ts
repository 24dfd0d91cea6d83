import { readConfig, requireServers } from '../config.ts';
import { connect } from '../process/connect.ts';
import { watchEventLoop } from '../process/event-loop/watch-event-loop.ts';
import { findCluster } from '../process/find-cluster.ts';
import { findEngine } from '../process/find-engine.ts';
import { createLogger } from '../process/logger.ts';
import { main } from '../process/main.ts';
import { ShutdownSteps } from '../process/shutdown-steps.ts';
import { runServer } from './run-server.ts';

// `npm run server`: runs the API alone.
await main(async () => {
  const config = readConfig(process.env);
  const servers = requireServers(config);
  const log = createLogger(config);
  const undo = new ShutdownSteps();
  try {
    const runtime = await findCluster(config, log, console.log);
    const engine = await findEngine(config, log, console.log);
    const connections = await connect(config, servers, log, undo);
    const server = await runServer({ config, ...connections, ...engine, runtime, log });
    undo.add(server.stop);
    undo.add(watchEventLoop(log));
    console.log(`  API                ${server.url}`);
  } catch (error) {
    await undo.runAll();
    throw error;
  }
  return { done: new Promise(() => undefined), stop: () => undo.runAll() };
});
