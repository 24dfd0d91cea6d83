import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connection } from '../../../../src/adapters/kubernetes/connection.ts';

/** Answers one request; a response that it does not end stays open. */
export type Answer = (request: { url: URL; signal: AbortSignal }, response: ServerResponse) => void;

/** API server that answers as a test defines, for cases that a real one does not produce on demand. */
export class ScriptedApi {
  readonly connection: Connection;
  readonly requests: URL[] = [];
  readonly #server: ReturnType<typeof createServer>;

  private constructor(answer: Answer) {
    this.#server = createServer((request: IncomingMessage, response) => {
      const url = new URL(request.url ?? '', 'http://api');
      const closed = new AbortController();
      response.on('close', () => closed.abort());
      this.requests.push(url);
      answer({ url, signal: closed.signal }, response);
    }).listen(0, '127.0.0.1');
    this.connection = { server: '', sign: async () => ({ headers: {}, dispatcher: undefined }) };
  }

  static async start(answer: Answer): Promise<ScriptedApi> {
    const api = new ScriptedApi(answer);
    await once(api.#server, 'listening');
    api.connection.server = `http://127.0.0.1:${(api.#server.address() as AddressInfo).port}`;
    return api;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Answers a request with an error as a `Status` of the API. */
export function refuse(response: ServerResponse, code: number, message: string): void {
  response
    .writeHead(code, { 'content-type': 'application/json' })
    .end(JSON.stringify({ kind: 'Status', code, message }));
}

export function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

type Status = Record<string, unknown>;

/** Returns the runner's pod of a run as the API does, with the state of its container. */
export function podOf(testId: string, runId: string, container: Status, status: Status = {}): object {
  return {
    metadata: {
      name: `test-runner-${testId}`,
      uid: 'uid-of-the-pod',
      creationTimestamp: new Date().toISOString(),
      labels: { testid: testId, apptype: 'testrunner', 'brightbird.dev/role': 'runner' },
      annotations: { 'brightbird.dev/run-id': runId, 'brightbird.dev/attempt': '1' },
    },
    spec: { nodeName: 'node1', restartPolicy: 'OnFailure', containers: [{ name: 'runner' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'runner', restartCount: 0, ...container }], ...status },
  };
}

const startedAt = '2026-11-23T10:00:00Z';
const finishedAt = '2026-11-23T10:00:09Z';
export const containerRuns = { containerID: 'containerd://one', state: { running: { startedAt } } };
export const containerEnded = (exitCode = 0) => ({
  containerID: 'containerd://one',
  state: { terminated: { exitCode, reason: 'Completed', startedAt, finishedAt, containerID: 'containerd://one' } },
});
