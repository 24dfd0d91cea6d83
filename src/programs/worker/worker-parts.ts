import type { Client } from '@temporalio/client';
import type Docker from 'dockerode';
import type { Logger } from 'pino';
import type { Store } from '../../adapters/mongodb/connect.ts';
import type { Runtime } from '../../model/engine/runtime.ts';
import type { QueueName } from '../../model/queues.ts';
import type { Config } from '../config.ts';

export interface WorkerParts {
  config: Config;
  temporalAddress: string;
  temporal: Client;
  store: Store;
  docker: Docker;
  runtime: Runtime;
  baseImage: string;
  /** Builds the runner image if needed, and returns its name. */
  runnerImage(): Promise<string>;
  queues: readonly QueueName[];
  log: Logger;
}
