import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { Fault } from '../../model/fault.ts';
import type { Config } from '../config.ts';
import { cachedServers } from './cached.ts';
import { executable, onPath } from './find.ts';
import { type Report, Stage } from './stage.ts';
import { type ServerProgram, startServer } from './start-server.ts';
import { superviseServer } from './supervise-server.ts';
import versions from './versions.json' with { type: 'json' };

export interface TemporalServer {
  address: string;
  /** Undefined for a server that was found running. */
  uiUrl: string | undefined;
  /** Rejects when a server that was started here cannot be kept running; never for one that was found running. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

type Settings = Pick<Config, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE' | 'BRIGHTBIRD_HOME' | 'BRIGHTBIRD_CACHE'>;

/** For the first answer of a server that listens. */
const answerTimeout = 30_000;

/**
 * The dev server's defaults wait 50 ms before every task (20 polls a second for its one shard) and sync its file at
 * every step: a workflow of five activities took 550 ms, with these 85 ms. A kill loses nothing; a power cut may lose
 * the last moments, but leaves the file whole.
 */
const quick = [
  ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'],
  ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=1000'],
  ...['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
];

/**
 * Temporal as DESIGN.md orders it: TEMPORAL_ADDRESS; `temporal` on PATH; the one that set-up put into the cache. Its
 * state is in `<home>/temporal`. Throws `unavailable` when none works, `conflict` when another program holds the state.
 */
export async function startTemporal(config: Settings, report: Report): Promise<TemporalServer> {
  const stage = new Stage('temporal', report);
  if (config.TEMPORAL_ADDRESS) {
    stage.done(`TEMPORAL_ADDRESS: ${config.TEMPORAL_ADDRESS}`);
    const failed = new Promise<never>(() => undefined);
    return { address: config.TEMPORAL_ADDRESS, uiUrl: undefined, failed, stop: async () => undefined };
  }
  stage.tried('TEMPORAL_ADDRESS not set');
  const cached = cachedServers(config.BRIGHTBIRD_CACHE).temporal;
  const places = [
    { title: 'temporal of PATH', binary: await onPath('temporal'), missing: 'no temporal on PATH' },
    {
      title: `temporal ${versions.temporal}`,
      binary: (await executable(cached)) ? cached : undefined,
      missing: 'none in the cache',
    },
  ];
  for (const { title, binary, missing } of places) {
    if (!binary) stage.tried(missing);
    else {
      const server = await startDevServer({ binary, title, config, stage, report });
      if (server) return server;
    }
  }
  throw new Fault('unavailable', `no Temporal could be started: ${stage.attempts}`, {
    hint: 'set TEMPORAL_ADDRESS, or install the temporal command (https://docs.temporal.io/cli) or Go 1.25 and start again',
  });
}

interface DevServer {
  binary: string;
  title: string;
  config: Settings;
  stage: Stage;
  report: Report;
}

async function startDevServer({
  binary,
  title,
  config,
  stage,
  report,
}: DevServer): Promise<TemporalServer | undefined> {
  const folder = join(config.BRIGHTBIRD_HOME, 'temporal');
  const database = ['--db-filename', join(folder, 'temporal.db'), '--namespace', config.TEMPORAL_NAMESPACE];
  const program: ServerProgram = {
    title,
    folder,
    name: 'temporal',
    command: (port, uiPort) => [
      ...[binary, 'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...[...database, '--log-level', 'warn', ...quick],
    ],
  };
  const started = await startServer(program, stage);
  if (!started) return undefined;
  const address = `127.0.0.1:${started.port}`;
  try {
    await answers(address, config.TEMPORAL_NAMESPACE, answerTimeout);
  } catch (error) {
    await started.stop();
    throw error;
  }
  const uiUrl = `http://127.0.0.1:${started.secondPort}`;
  stage.done(`${title} started on ${address}, web UI ${uiUrl}`);
  const probe = (timeoutMs: number): Promise<void> => answers(address, config.TEMPORAL_NAMESPACE, timeoutMs);
  const supervised = superviseServer(started, { name: 'Temporal', stage: 'temporal', program, probe, report });
  return { address, uiUrl, ...supervised };
}

/** Waits for the namespace: the server listens before it has made it. */
async function answers(address: string, namespace: string, timeoutMs: number): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: timeoutMs });
  try {
    await connection.withDeadline(Date.now() + timeoutMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
