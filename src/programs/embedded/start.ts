import { readConfig } from '../config.ts';
import { createLogger } from '../process/logger.ts';
import { main } from '../process/main.ts';
import { showAddresses } from './show-addresses.ts';
import { startAll } from './start-all.ts';

// `npm start`: everything on one machine, until it is told to stop.
await main(async () => {
  const config = readConfig(process.env);
  const system = await startAll(config, createLogger(config), console.log);
  showAddresses(system);
  console.log('BrightBird is ready; Ctrl-C stops it');
  return system;
});
