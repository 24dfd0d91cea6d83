import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../src/programs/config.ts';
import { startMongo } from '../../../src/programs/embedded/mongo.ts';
import { startTemporal } from '../../../src/programs/embedded/temporal.ts';

/** What the run started, for the teardown; jest runs both in the same process. */
declare global {
  var stopTestServers: (() => Promise<void>) | undefined;
}

/**
 * One Temporal and one MongoDB for the whole run, in a folder of their own. They are started when the first test file
 * asks for them, so that tests that need none stay quick; test files ask over HTTP, as they run in other processes.
 */
export default async function setUp(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'brightbird-test-'));
  const config = readConfig({ ...process.env, BRIGHTBIRD_HOME: home });
  const report = (line: string) => console.error(line);
  const start = { '/mongo': () => startMongo(config, report), '/temporal': () => startTemporal(config, report) };
  const started = new Map<string, Promise<{ stop(): Promise<void> }>>();
  const broker = createServer(async (request, response) => {
    try {
      const name = request.url as keyof typeof start;
      const server = started.get(name) ?? start[name]();
      started.set(name, server);
      response.end(JSON.stringify(await server));
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.stack : String(error));
    }
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  process.env.TEST_SERVERS = `http://127.0.0.1:${(broker.address() as AddressInfo).port}`;
  globalThis.stopTestServers = async () => {
    broker.close();
    await Promise.all([...started.values()].map(async (server) => (await server.catch(() => undefined))?.stop()));
    await rm(home, { recursive: true, force: true });
  };
}
