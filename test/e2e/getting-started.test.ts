import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findFreePorts } from '../../src/programs/embedded/ports.ts';
import { codeBlocks, readDocuments, root } from '../support/docs/markdown.ts';
import { removeImages } from '../support/e2e/engine.ts';

const run = promisify(execFile);

/** The commands of the page run in a folder with the repository as `brightbird`, like a fresh clone. */
let folder: string;
let stop: () => Promise<void>;
let commands: string[];
let env: Record<string, string | undefined>;
/** Aborted when the system ends, as commands that wait for it would never end. */
const over = new AbortController();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), `bb-${randomBytes(4).toString('hex')}-`));
  await symlink(root, join(folder, 'brightbird'));
  const [port = 0] = await findFreePorts(1);
  const [page] = await readDocuments('docs/getting-started.md');
  const [, start = '', ...rest] = page ? codeBlocks(page, 'sh') : [];
  commands = rest.map((text) => text.replaceAll('localhost:8300', `localhost:${port}`));
  env = { ...process.env, BRIGHTBIRD_URL: `http://127.0.0.1:${port}` };
  const settings = { ...env, PORT: String(port), BRIGHTBIRD_HOME: join(folder, 'home'), LOG_LEVEL: 'error' };
  const system = spawn('bash', ['-ec', start.replace(/npm start/, 'exec npm start')], {
    cwd: folder,
    env: settings,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(system, 'close').finally(() => over.abort());
  stop = async () => {
    if (system.pid && system.exitCode === null) process.kill(-system.pid, 'SIGTERM');
    await ended;
  };
  for await (const line of createInterface({ input: system.stdout })) if (/API and workers started/.test(line)) break;
  system.stdout.resume();
});

afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
  await Promise.all(['shop/stock', 'shop/orders'].map(removeImages));
});

test('the commands of the getting-started page work, from two services to a failing merge and its first bad commit', async () => {
  const script = commands.join('\n');
  const failed = ({ stdout, stderr }: { stdout: string; stderr: string }) => ({
    stdout: `${stdout}\nFAILED: ${stderr}`,
  });
  const { stdout: said } = await run('bash', ['-ec', script], { cwd: folder, env, signal: over.signal }).catch(failed);
  expect(said).not.toContain('FAILED');
  expect(said).toContain('2 created, 0 updated, 0 unchanged');
  expect(said).toMatch(/^success$/m);
  expect(said).toContain('GET /apples');
  expect(said).toContain(
    'GET http://orders:7002/apples: expected a 2xx status and json.accepted true, got 200 json.accepted false',
  );
  expect(said).toMatch(/^Sell all apples$/m);
});
