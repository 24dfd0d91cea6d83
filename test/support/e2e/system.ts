import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Connection } from '@temporalio/client';
import Long from 'long';
import { MongoClient } from 'mongodb';
import { finalStates } from '../../../src/model/task-state.ts';
import { ApiClient } from '../../../src/programs/cli/api-client.ts';
import type { ApiTask } from '../../../src/programs/demo/api-task.ts';
import { prepareDemo } from '../../../src/programs/demo/run-demo.ts';
import { connectTemporal } from '../jest/connect-temporal.ts';
import { testMongo, testServers } from '../jest/servers.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A program of the product as a separate process, which can be killed. */
export interface Program {
  process: ChildProcess;
  output: string[];
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** A separate installation: namespace, database, home, plugin store. The test starts server and worker. */
export interface TestSystem {
  home: string;
  env: Record<string, string>;
  api: ApiClient;
  namespace: string;
  temporal: Connection;
  mongo: MongoClient;
  startServer(): Promise<Program>;
  startWorker(): Promise<Program>;
  /** Starts a worker whose runners end at once, for tests of everything around them. */
  startInstantWorker(): Promise<Program>;
  close(): Promise<void>;
}

/** Starts a program like `npm run <name>` and waits for a line that matches `ready`. Throws when it ends first. */
export async function startProgram(name: string, env: Record<string, string>, ready: RegExp): Promise<Program> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  // The shell becomes the program (exec), so both have one process id.
  return startCommand(scripts[name].split(' '), env, ready);
}

/** Starts a command of this repository like startProgram. */
export async function startCommand(command: string[], env: Record<string, string>, ready: RegExp): Promise<Program> {
  const [name = '', ...args] = command;
  const child = spawn(name, args, {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const ended = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
        output.push(line);
        if (ready.test(line)) resolve();
      });
    }
    ended.then(() => reject(new Error(`${command.join(' ')} ended before it was ready:\n${output.join('\n')}`)));
  });
  return {
    process: child,
    output,
    async kill(signal = 'SIGKILL') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await ended;
    },
  };
}

/** Waits until `look` returns a value, up to the timeout of the test. */
export async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until `count` tasks have succeeded. Counts in the store, as lists would load the server. */
export async function succeeded({ mongo, namespace }: TestSystem, count: number, filter: object = {}): Promise<void> {
  const tasks = mongo.db(namespace).collection('tasks');
  await until(async () => (await tasks.countDocuments({ ...filter, state: 'success' })) >= count);
}

/** Waits until a task is settled, and returns it. */
export function settled(api: ApiClient, taskId: string): Promise<ApiTask> {
  return until(async () => {
    const task = await api.get<ApiTask>(`/tasks/${taskId}`).catch(() => undefined);
    return task && finalStates.includes(task.state) ? task : undefined;
  });
}

/** Creates a system on the MongoDB and Temporal of the test run, or other ones, with the example component as a repository. */
export async function createSystem(
  extra: Record<string, string> = {},
  { temporalAddress }: { temporalAddress?: string } = {},
): Promise<TestSystem> {
  const servers = temporalAddress ? { temporalAddress, mongoUri: (await testMongo()).uri } : await testServers();
  const name = `bb-${randomBytes(4).toString('hex')}`;
  const home = await mkdtemp(join(tmpdir(), `${name}-`));
  const temporal = await connectTemporal(servers.temporalAddress);
  await temporal.workflowService.registerNamespace({
    namespace: name,
    workflowExecutionRetentionPeriod: { seconds: Long.fromNumber(24 * 3600) },
  });
  const mongo = await MongoClient.connect(servers.mongoUri);
  const env = {
    BRIGHTBIRD_HOME: home,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    TEMPORAL_NAMESPACE: name,
    MONGODB_URI: withDatabase(servers.mongoUri, name),
    GIT_ALLOW_FILE_URLS: 'true',
    PORT: '0',
    ...extra,
  };
  await prepareDemo({ examples: join(root, 'examples'), home }, join(home, 'plugins'));
  const programs: Program[] = [];
  const start = async (name: string, ready: RegExp): Promise<Program> => {
    const program = await startProgram(name, env, ready);
    programs.push(program);
    return program;
  };
  const system: TestSystem = {
    home,
    env,
    namespace: name,
    temporal,
    mongo,
    api: new ApiClient('http://127.0.0.1:0', undefined),
    async startServer() {
      const program = await start('server', /API +http/);
      const address = program.output.map((line) => /API +(http\S+)/.exec(line)?.[1]).find(Boolean);
      system.api = new ApiClient(address ?? '', undefined);
      return program;
    },
    startWorker: () => start('worker', /worker ready/),
    async startInstantWorker() {
      const file = join(root, 'test', 'support', 'e2e', 'instant-worker.ts');
      const program = await startCommand([process.execPath, file], env, /worker ready/);
      programs.push(program);
      return program;
    },
    async close() {
      await Promise.all(programs.map((program) => program.kill('SIGTERM')));
      await mongo.db(name).dropDatabase();
      await Promise.all([mongo.close(), temporal.close()]);
      await rm(home, { recursive: true, force: true });
    },
  };
  return system;
}

function withDatabase(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.href;
}
