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

/** What the API is made of. */
export interface ApiParts {
  store: Store;
  orchestrator: Orchestrator;
  steering: TaskSteering;
  history: CommitHistory;
  bisectWorkflows: BisectWorkflows;
  schedules: Schedules;
  /** Directory of the plugin store, and who asks its programs what they are. */
  pluginStore: { directory: string; readInfo: ReadInfo };
  /** Is woken when a webhook was received. */
  dispatcher: { wake(): void };
  /** Looks at the cluster that tests run in, where there is one. */
  runtime?: Pick<Runtime, 'check' | 'dryRun'>;
  config: Pick<Config, 'BRIGHTBIRD_ADMIN_TOKEN' | 'GITHUB_WEBHOOK_SECRET' | 'NAMESPACE'>;
  log: Logger;
  /** Milliseconds between two looks for new log lines while somebody listens. */
  pollEvery?: number;
}

/** What the middleware leaves for the handlers: the request's id, and who asks. */
export interface ApiEnv {
  Variables: { requestId: string; user: string };
}

export type Api = OpenAPIHono<ApiEnv>;
