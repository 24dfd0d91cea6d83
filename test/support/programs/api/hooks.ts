import { pino } from 'pino';
import type { Job } from '../../../../src/model/job.ts';
import type { BisectWorkflows } from '../../../../src/model/ports/bisects.ts';
import type { CommitHistory } from '../../../../src/model/ports/git.ts';
import type { Orchestrator, TaskSteering } from '../../../../src/model/ports/orchestrator.ts';
import type { Schedules } from '../../../../src/model/ports/schedules.ts';
import { createApi } from '../../../../src/programs/api/create-api.ts';
import type { Dispatcher } from '../../../../src/services/deliveries/dispatcher.ts';
import { type Example, sign } from '../../adapters/github/examples.ts';
import { openSystem, type TestSystem } from '../../services/deliveries/system.ts';
import type { Answer } from './harness.ts';

export const secret = 'the secret of these tests';

export interface HookApi {
  system: TestSystem;
  running: Dispatcher;
  /** Log lines of the server. */
  logged: string[];
  send(path: string, init?: RequestInit): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  /** Posts a signed delivery as GitHub does; `headers` override. */
  deliver(id: string, given: Example, headers?: Record<string, string | undefined>): Promise<Answer>;
  close(): Promise<void>;
}

/** Opens the API with a running dispatcher and its own MongoDB database. */
export async function openHookApi(
  jobs: readonly Job[],
  config: { token?: string; secrets?: string[] | undefined } = { secrets: [secret] },
): Promise<HookApi> {
  const system = await openSystem(jobs);
  const running = system.dispatcher();
  running.start();
  const logged: string[] = [];
  const api = createApi({
    store: system.store,
    // Webhooks call nothing else.
    orchestrator: system.entities as unknown as Orchestrator,
    steering: {} as TaskSteering,
    history: {} as CommitHistory,
    bisectWorkflows: {} as BisectWorkflows,
    schedules: {} as Schedules,
    pluginStore: { directory: '/nowhere', readInfo: () => Promise.reject(new Error('uploads are not supported here')) },
    dispatcher: running,
    config: { BRIGHTBIRD_ADMIN_TOKEN: config.token, GITHUB_WEBHOOK_SECRET: config.secrets, NAMESPACE: 'tests' },
    log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }),
  });
  const send: HookApi['send'] = async (path, init = {}) => {
    const response = await api.request(path, init);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    system,
    running,
    logged,
    send,
    post: (path, body = {}) =>
      send(`/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    deliver: (id, { name, payload }, headers = {}) => {
      const isRaw = typeof payload === 'string' || payload instanceof Uint8Array;
      const body = isRaw ? payload : JSON.stringify(payload);
      return send('/webhooks/github', { method: 'POST', headers: hookHeaders(id, name, body, headers), body });
    },
    close: () => system.close(),
  };
}

/** Returns the headers that GitHub sends: https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers */
export function hookHeaders(
  id: string,
  event: string,
  body: string | Uint8Array,
  other: Record<string, string | undefined> = {},
): [string, string][] {
  const all = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-delivery': id,
    'x-github-event': event,
    'x-hub-signature-256': sign(body, secret),
    ...other,
  };
  return Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
}
