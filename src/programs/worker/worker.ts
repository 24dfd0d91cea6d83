import { parseArgs } from 'node:util';
import { installRuntime } from '../../adapters/temporal/install-runtime.ts';
import { type QueueName, queueNames } from '../../model/queues.ts';
import { ConfigError, readConfig, requireServers } from '../config.ts';
import { connect } from '../process/connect.ts';
import { watchEventLoop } from '../process/event-loop/watch-event-loop.ts';
import { findEngine } from '../process/find-engine.ts';
import { createLogger } from '../process/logger.ts';
import { main } from '../process/main.ts';
import { ShutdownSteps } from '../process/shutdown-steps.ts';
import { createRuntime } from './create-runtime.ts';
import { runWorker } from './run-worker.ts';

// `npm run worker [-- --queues control,build,runner,cleanup]`: runs the workers of these queues, by default of all.
await main(async () => {
  const config = readConfig(process.env);
  const queues = readQueues();
  const servers = requireServers(config);
  const log = createLogger(config);
  const undo = new ShutdownSteps();
  try {
    const engine = await findEngine(config, log, console.log);
    const connections = await connect(config, servers, log, undo);
    const runtime = await createRuntime(config, engine.docker, log);
    // Late, as the SDK's runtime keeps a process without workers from ending.
    installRuntime(log, config.METRICS_ADDRESS);
    const workers = await runWorker({ config, ...connections, runtime, ...engine, ...servers, queues, log });
    undo.add(workers.stop);
    undo.add(watchEventLoop(log));
    console.log(`worker ready: ${queues.join(', ')}`);
    return { done: workers.done, stop: () => undo.runAll() };
  } catch (error) {
    await undo.runAll();
    throw error;
  }
});

function readQueues(): readonly QueueName[] {
  const { values } = parseArgs({ options: { queues: { type: 'string' } } });
  if (values.queues === undefined) return queueNames;
  const names = values.queues.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !queueNames.includes(name as QueueName));
  if (unknown === undefined) return [...new Set(names)] as QueueName[];
  throw new ConfigError(`--queues: unknown queue ${JSON.stringify(unknown)}; the queues are ${queueNames.join(', ')}`);
}
