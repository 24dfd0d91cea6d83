/**
 * All tests, or those that jest's arguments select; closes with `N passed, N failed, N skipped` out of jest's own result,
 * where a test file that could not run counts as one failure. Exits as jest does.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureMariadb } from './setup/mariadb.mjs';
import { jest, root } from './setup/tools.mjs';

await ensureMariadb();

const folder = await mkdtemp(join(tmpdir(), 'brightbird-counts-'));
const TEST_COUNTS = join(folder, 'counts');
const child = spawn(process.execPath, [...jest, ...process.argv.slice(2)], {
  cwd: root,
  env: { ...process.env, TEST_COUNTS },
  stdio: ['ignore', 'inherit', 'inherit'],
});
// The terminal sends Ctrl-C to jest as well; its servers end with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
const code = await new Promise((resolve) => child.once('exit', (exit) => resolve(exit ?? 1)));
process.stdout.write(await readFile(TEST_COUNTS, 'utf8').catch(() => ''));
await rm(folder, { recursive: true, force: true });
process.exitCode = code;
