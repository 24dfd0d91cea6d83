import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { Store } from '../../adapters/mongodb/connect.ts';
import type { Runtime } from '../../model/engine/runtime.ts';
import type { BisectWorkflows } from '../../model/ports/bisects.ts';
import type { CommitHistory } from '../../model/ports/git.ts';
import type { Orchestrator, TaskSteering } from '../../model/ports/orchestrator.ts';
import type { Schedules } from '../../model/ports/schedules.ts';
import type { ReadInfo } from '../../services/plugins/scan-plugin-store.ts';
import type { Config } from '../config.ts';

/** Parts of the API. */
export interface ApiParts {
  store: Store;
  orchestrator: Orchestrator;
  steering: TaskSteering;
  history: CommitHistory;
  bisectWorkflows: BisectWorkflows;
  schedules: Schedules;
  /** Directory of the plugin store, and the function that reads the info of its programs. */
  pluginStore: { directory: string; readInfo: ReadInfo };
  /** Woken when a webhook is received. */
  dispatcher: { wake(): void };
  /** Checks the cluster of the tests, if any. */
  runtime?: Pick<Runtime, 'check' | 'dryRun'>;
  config: Pick<Config, 'BRIGHTBIRD_ADMIN_TOKEN' | 'GITHUB_WEBHOOK_SECRET' | 'NAMESPACE'>;
  log: Logger;
  /** Interval of polls for new log lines while a client listens. */
  pollIntervalMs?: number;
}

/** Variables that the middleware sets for the handlers. */
export interface ApiEnv {
  Variables: { requestId: string; user: string };
}

export type Api = OpenAPIHono<ApiEnv>;
