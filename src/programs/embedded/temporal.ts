import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { Fault } from '../../model/fault.ts';
import type { Config } from '../config.ts';
import { cachedServerPaths } from './cached.ts';
import { findOnPath, isExecutable } from './find.ts';
import { type Report, Stage } from './stage.ts';
import { type ServerProgram, startServer } from './start-server.ts';
import { superviseServer } from './supervise-server.ts';
import versions from './versions.json' with { type: 'json' };

export interface TemporalServer {
  address: string;
  /** Undefined for an external server. */
  uiUrl: string | undefined;
  /** Rejects when a server that was started here cannot be kept running; never for an external server. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

type Settings = Pick<Config, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE' | 'BRIGHTBIRD_HOME' | 'BRIGHTBIRD_CACHE'>;

/** Timeout of the first probe after the server listens. */
const firstProbeTimeoutMs = 30_000;

/**
 * By default, the dev server waits 50 ms before every task (20 polls a second for its one shard) and syncs its file at every
 * step: a workflow of five activities took 550 ms, with these options 85 ms. A kill loses nothing; a power cut may lose
 * the last moments, but does not corrupt the file.
 */
const fastOptions = [
  ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'],
  ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=1000'],
  ...['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
];

/**
 * Finds or starts Temporal: TEMPORAL_ADDRESS; `temporal` on PATH; `temporal` in the cache. Its state is in
 * `<home>/temporal`. Throws `unavailable` when none works, `conflict` when another program has locked the state.
 */
export async function startTemporal(config: Settings, report: Report): Promise<TemporalServer> {
  const stage = new Stage('temporal', report);
  if (config.TEMPORAL_ADDRESS) {
    stage.done(`TEMPORAL_ADDRESS: ${config.TEMPORAL_ADDRESS}`);
    const failed = new Promise<never>(() => undefined);
    return { address: config.TEMPORAL_ADDRESS, uiUrl: undefined, failed, stop: async () => undefined };
  }
  stage.addAttempt('TEMPORAL_ADDRESS not set');
  const cached = cachedServerPaths(config.BRIGHTBIRD_CACHE).temporal;
  const candidates = [
    { title: 'temporal on PATH', binary: await findOnPath('temporal'), missing: 'no temporal on PATH' },
    {
      title: `temporal ${versions.temporal}`,
      binary: (await isExecutable(cached)) ? cached : undefined,
      missing: 'no temporal in the cache',
    },
  ];
  for (const { title, binary, missing } of candidates) {
    if (!binary) stage.addAttempt(missing);
    else {
      const server = await startDevServer({ binary, title, config, stage, report });
      if (server) return server;
    }
  }
  throw new Fault('unavailable', `cannot start Temporal: ${stage.attempts}`, {
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
      ...[...database, '--log-level', 'warn', ...fastOptions],
    ],
  };
  const started = await startServer(program, stage);
  if (!started) return undefined;
  const address = `127.0.0.1:${started.port}`;
  try {
    await probeNamespace(address, config.TEMPORAL_NAMESPACE, firstProbeTimeoutMs);
  } catch (error) {
    await started.stop();
    throw error;
  }
  const uiUrl = `http://127.0.0.1:${started.secondPort}`;
  stage.done(`${title} started on ${address}, web UI ${uiUrl}`);
  const probe = (timeoutMs: number): Promise<void> => probeNamespace(address, config.TEMPORAL_NAMESPACE, timeoutMs);
  const supervised = superviseServer(started, { name: 'Temporal', stage: 'temporal', program, probe, report });
  return { address, uiUrl, ...supervised };
}

/** Waits for the namespace, which the server creates after it listens. */
async function probeNamespace(address: string, namespace: string, timeoutMs: number): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: timeoutMs });
  try {
    await connection.withDeadline(Date.now() + timeoutMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
