import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { connectStore, type Store } from '../../adapters/mongodb/connect.ts';
import { connectClient } from '../../adapters/temporal/connect.ts';
import { prepareNamespace } from '../../adapters/temporal/prepare-namespace.ts';
import type { Config } from '../config.ts';
import type { ShutdownSteps } from './shutdown-steps.ts';

export interface Connections {
  store: Store;
  temporal: Client;
}

/** Connects a program to MongoDB and Temporal, and prepares both. Adds the closing of each connection to `undo`. */
export async function connect(
  config: Config,
  addresses: { temporalAddress: string; mongoUri: string },
  log: Logger,
  undo: ShutdownSteps,
): Promise<Connections> {
  const store = await connectStore(addresses.mongoUri, undefined, (cause) =>
    log.error({ err: cause }, 'reconnecting to MongoDB'),
  );
  undo.add(store.close);
  const temporal = await connectClient(config, addresses.temporalAddress);
  undo.add(() => temporal.connection.close());
  await prepareNamespace(temporal, log);
  return { store, temporal };
}
