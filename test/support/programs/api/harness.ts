import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import type { Store } from '../../../../src/adapters/mongodb/connect.ts';
import type { BisectInput } from '../../../../src/model/bisect.ts';
import { Fault } from '../../../../src/model/fault.ts';
import type { Job } from '../../../../src/model/job.ts';
import type { TriggerRequest } from '../../../../src/model/job-messages.ts';
import { pluginDefSchema } from '../../../../src/model/plugin.ts';
import type { BisectWorkflows } from '../../../../src/model/ports/bisects.ts';
import type { Orchestrator, TaskSteering } from '../../../../src/model/ports/orchestrator.ts';
import type { ScheduleState, Schedules } from '../../../../src/model/ports/schedules.ts';
import type { TaskPatch } from '../../../../src/model/ports/tasks.ts';
import { isFinal } from '../../../../src/model/task-state.ts';
import { createApi } from '../../../../src/programs/api/create-api.ts';
import type { Api } from '../../../../src/programs/api/env.ts';
import { bash } from '../../../../src/services/plugins/builtin/bash.ts';
import { openStore } from '../../adapters/mongodb/open-store.ts';
import { greeter as greeterOf } from '../../services/tasks/plugins.ts';
import { createAnswerCheck } from './check-answer.ts';

/** A deploy plugin whose component is built by BrightBird. */
export const greeter = greeterOf('v1.0.0');

export const graph = `name: smoke
pipeline:
  greeter:
    plugin: greeter-deploy
    input: {replicas: 1}
  check:
    plugin: bash
    input: {script: "echo {{greeter.svcEndpoint}}"}
`;

/** Orchestrator in memory: starts tasks at once, or never with `idle`. With `down`, Temporal does not answer. */
export interface MemoryOrchestrator extends Orchestrator {
  runs: TriggerRequest[];
  idle: boolean;
  deleted: string[];
  down: boolean;
}

/** Claims the record of an accepted task, as its workflow does first. */
export async function beginTask(store: Store, taskId: string, startId: string): Promise<void> {
  const run = { workflowId: `task/${taskId}`, runId: 'run-1' };
  if (!(await store.tasks.claim(taskId, startId, { ...run, at: new Date() }))) return;
  await store.tasks.project(taskId, { runId: run.runId, epoch: 1 }, { state: 'running' });
}

function memoryOrchestrator(store: Store): MemoryOrchestrator {
  const orchestrator: MemoryOrchestrator = {
    runs: [],
    idle: false,
    deleted: [],
    down: false,
    async startTask(jobId, request) {
      if (orchestrator.down) throw new Fault('unavailable', 'Temporal does not answer', { hint: 'see /readyz' });
      orchestrator.runs.push(request);
      const { startId, number } = request.accepted ?? { startId: '', number: 0 };
      if (!orchestrator.idle) await beginTask(store, `${jobId}-${number}`, startId);
    },
    async stopTask(taskId) {
      if (orchestrator.down) throw new Fault('unavailable', 'Temporal does not answer');
      await store.tasks.project(taskId, { runId: 'run-1', epoch: 1000 }, { state: 'canceled', outcome: 'stopped' });
    },
    async triggerJob() {
      if (orchestrator.down) throw new Fault('unavailable', 'Temporal does not answer');
    },
    async taskRun(taskId) {
      const task = await store.tasks.get(taskId);
      return { runId: 'run-1', status: task && isFinal(task.state) ? 'closed' : 'running' };
    },
    async deleteJob(jobId) {
      if (orchestrator.down) throw new Fault('unavailable', 'Temporal does not answer');
      orchestrator.deleted.push(jobId);
    },
    async backlogs() {
      if (orchestrator.down) throw new Fault('unavailable', 'Temporal does not answer');
      return [{ queue: 'brightbird-runner', type: 'activity', count: 3 }];
    },
    healthy: async () => !orchestrator.down,
  };
  return orchestrator;
}

/** Steering of held tasks in memory; records the requests in order. */
export type MemorySteering = TaskSteering & {
  asked: { taskId: string; message: string; request?: object }[];
  /** Fault that rejects retries. */
  refusal?: Fault;
};

function memorySteering({ tasks }: Store): MemorySteering {
  const asked: MemorySteering['asked'] = [];
  let epoch = 1000;
  /** Updates the record a moment after the response, as the workflow does. */
  const projectSoon = (taskId: string, patch: TaskPatch): void => {
    epoch += 1;
    const writer = { runId: 'run-1', epoch };
    setTimeout(() => void tasks.project(taskId, writer, patch), 30);
  };
  const steering: MemorySteering = {
    asked,
    async hold(taskId, request) {
      asked.push({ taskId, message: 'hold', request });
      const heldUntil = new Date(Date.UTC(2030, 0, 1) + request.forMs);
      projectSoon(taskId, { heldUntil });
      return { heldUntil: heldUntil.toISOString() };
    },
    async release(taskId) {
      asked.push({ taskId, message: 'release' });
      projectSoon(taskId, { heldUntil: null });
    },
    async retry(taskId, request) {
      if (steering.refusal) throw steering.refusal;
      asked.push({ taskId, message: 'retry', request });
      projectSoon(taskId, { attempt: 2, state: 'running', heldUntil: null });
      return { attempt: 2 };
    },
  };
  return steering;
}

/** Schedules in memory. Tests can pause or remove one like Temporal's tools. With `refusal`, every change fails. */
export type MemorySchedules = Schedules & { made: Map<string, ScheduleState & { job: Job }>; refusal?: Fault };

function memorySchedules(): MemorySchedules {
  const made: MemorySchedules['made'] = new Map();
  const change = (jobId: string, state: Partial<ScheduleState>): boolean => {
    if (schedules.refusal) throw schedules.refusal;
    const known = made.get(jobId);
    if (known) made.set(jobId, { ...known, ...state });
    return known !== undefined;
  };
  const schedules: MemorySchedules = {
    made,
    async ensure(job) {
      const known = made.get(job.id);
      if (schedules.refusal) throw schedules.refusal;
      made.set(job.id, { paused: job.pause !== undefined, createdAt: new Date(), ...known, job });
      return known ? 'updated' : 'created';
    },
    async remove(jobId) {
      if (schedules.refusal) throw schedules.refusal;
      made.delete(jobId);
    },
    pause: async (jobId, note) => change(jobId, { paused: true, note }),
    resume: async (jobId, note) => change(jobId, { paused: false, note }),
    describe: async (jobId) => made.get(jobId),
    list: async () => [...made.keys()],
  };
  return schedules;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read responses of every shape
  body: any;
}

export interface TestApi {
  api: Api;
  store: Store;
  orchestrator: MemoryOrchestrator;
  steering: MemorySteering;
  /** Started bisects. */
  bisects: BisectInput[];
  schedules: MemorySchedules;
  /** Directory of the plugin store. */
  directory: string;
  /** Log lines of the server. */
  logged: string[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  send(path: string, init: RequestInit): Promise<Answer>;
  /** Saves a flow and a job for it under unique names. Returns the job id. */
  saveJob(): Promise<string>;
  close(): Promise<void>;
}

/** Opens the API on its own database of a real MongoDB, with the plugins `bash` and `greeter-deploy`. */
export async function openApi(options: { token?: string; wrap?: (store: Store) => Store } = {}): Promise<TestApi> {
  const { store, close } = await openStore();
  const directory = await mkdtemp(join(tmpdir(), 'brightbird-api-'));
  await store.plugins.replaceAll([bash, greeter]);
  const orchestrator = memoryOrchestrator(store);
  const schedules = memorySchedules();
  const steering = memorySteering(store);
  const bisects: BisectInput[] = [];
  const bisectWorkflows: BisectWorkflows = {
    start: async (input) => void bisects.push(input),
    stop: async () => undefined,
    isRunning: async () => false,
  };
  const logged: string[] = [];
  const log: Logger = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) });
  const api = createApi({
    store: options.wrap?.(store) ?? store,
    orchestrator,
    steering,
    history: { count: async () => undefined },
    bisectWorkflows,
    schedules,
    pluginStore: {
      directory,
      // The content of a test program is its plugin info.
      async readInfo(path) {
        const parsed = pluginDefSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
        if (parsed.success) return parsed.data;
        throw new Fault('plugin_invalid', 'the info is wrong');
      },
    },
    dispatcher: { wake: () => undefined },
    config: {
      BRIGHTBIRD_ADMIN_TOKEN: options.token,
      GITHUB_WEBHOOK_SECRET: ['the secret of these tests'],
      NAMESPACE: 'tests',
    },
    log,
    pollIntervalMs: 10,
  });
  // Every test of the API also checks the OpenAPI document.
  const checkAnswer = createAnswerCheck(api);
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await api.request(path, init);
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const body = /json/.test(type) ? JSON.parse(text) : text;
    checkAnswer(init.method ?? 'GET', path.replace(/\?.*/s, ''), response.status, type, body);
    return { status: response.status, headers: response.headers, body };
  };
  let saved = 0;
  const test: TestApi = {
    api,
    store,
    orchestrator,
    steering,
    bisects,
    schedules,
    logged,
    send,
    get: (path, headers = {}) => send(`/api/v1${path}`, { headers }),
    post: (path, body = {}, headers = {}) =>
      send(`/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async saveJob() {
      saved += 1;
      const flow = await test.post('/testflows', { name: `flow-${saved}`, graph });
      const job = await test.post('/jobs', { name: `job-${saved}`, testFlowId: flow.body.id });
      return job.body.id;
    },
    directory,
    async close() {
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return test;
}
