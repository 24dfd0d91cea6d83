import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { Fault } from '../../model/fault.ts';
import type { Config } from '../config.ts';
import { pathExists } from './find.ts';
import { type MongoEngine, mongoEngines } from './mongo-engines.ts';
import { type Report, Stage } from './stage.ts';
import { startServer } from './start-server.ts';
import { superviseServer } from './supervise-server.ts';

export interface MongoServer {
  uri: string;
  /** Rejects when a server that was started here cannot be kept running; never for an external server. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

const probeTimeoutMs = 3000;
/** Timeout of the first ping after the server listens. */
const firstPingTimeoutMs = 30_000;

/**
 * Finds or starts MongoDB: MONGODB_URI; mongod on PATH or in the cache; mongo-java-server in the cache. Data is in
 * `<home>/mongo`; if an engine already has data there, no other is tried. Throws `unavailable` when none works, `conflict`
 * when another program has locked the data.
 */
export async function startMongo(
  config: Pick<Config, 'MONGODB_URI' | 'BRIGHTBIRD_HOME' | 'BRIGHTBIRD_CACHE'>,
  report: Report,
): Promise<MongoServer> {
  const stage = new Stage('mongodb', report);
  if (config.MONGODB_URI) {
    await ping(config.MONGODB_URI, probeTimeoutMs).catch((error: unknown) => {
      throw new Fault('unavailable', 'cannot reach MongoDB at the address of MONGODB_URI', {
        hint: 'check that the server runs and that user, password and TLS options are right',
        cause: error,
      });
    });
    stage.done('connected to MONGODB_URI');
    return { uri: config.MONGODB_URI, failed: new Promise(() => undefined), stop: async () => undefined };
  }
  stage.addAttempt('MONGODB_URI not set');
  const home = join(config.BRIGHTBIRD_HOME, 'mongo');
  const engines = mongoEngines(config.BRIGHTBIRD_CACHE);
  const holders: MongoEngine[] = [];
  for (const engine of engines) if (await pathExists(join(home, engine.mark))) holders.push(engine);
  for (const engine of holders.length > 0 ? holders : engines) {
    const server = await startEngine(engine, home, stage, report);
    if (server) return server;
  }
  throw new Fault('unavailable', `cannot start MongoDB: ${stage.attempts}`, {
    hint: `set MONGODB_URI, or install mongod, or Java 17 with Maven, and start again; logs are in ${home}`,
  });
}

/** Starts an engine. Returns undefined when it is unavailable or does not start, and adds the reason to the stage. */
async function startEngine(
  engine: MongoEngine,
  home: string,
  stage: Stage,
  report: Report,
): Promise<MongoServer | undefined> {
  const command = await engine.command(join(home, engine.data));
  if (typeof command === 'string') {
    stage.addAttempt(command);
    return undefined;
  }
  const program = { title: engine.title, folder: home, name: engine.data, command };
  const started = await startServer(program, stage);
  if (!started) return undefined;
  const uri = `mongodb://127.0.0.1:${started.port}/${engine.options}`;
  try {
    await ping(uri, firstPingTimeoutMs);
  } catch (error) {
    await started.stop();
    throw error;
  }
  stage.done(`${engine.title} started on 127.0.0.1:${started.port}`);
  const probe = (timeoutMs: number): Promise<void> => ping(uri, timeoutMs);
  return { uri, ...superviseServer(started, { name: 'MongoDB', stage: 'mongodb', program, probe, report }) };
}

async function ping(uri: string, timeoutMs: number): Promise<void> {
  const client = new MongoClient(uri, {
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
  });
  try {
    await client.db('admin').command({ ping: 1 });
  } finally {
    await client.close();
  }
}
