import { readConfig } from '../config.ts';
import { createLogger } from '../process/logger.ts';
import { main } from '../process/main.ts';
import { showAddresses } from './show-addresses.ts';
import { startAll } from './start-all.ts';

// `npm start`: runs everything on one machine.
await main(async () => {
  const config = readConfig(process.env);
  const system = await startAll(config, createLogger(config), console.log);
  showAddresses(system);
  console.log('BrightBird is ready; Ctrl-C stops it');
  return system;
});
