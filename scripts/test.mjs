/**
 * All tests, or those that jest's arguments select; closes with `N passed, N failed, N skipped` out of jest's own results,
 * where a test file that could not run counts as one failure. Exits with 1 unless all passed.
 *
 * Two jests run side by side, as tests of whole systems mostly wait and the others mostly compute. With
 * `--project=<name>` one of jest's projects runs, with `--config` one jest with the arguments alone.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureMariadb } from './setup/mariadb.mjs';
import { jest, root } from './setup/tools.mjs';

const given = process.argv.slice(2).filter((argument) => !argument.startsWith('--project='));
const [project] = process.argv.flatMap((argument) => /^--project=(.+)$/.exec(argument)?.[1] ?? []);
const selections = project
  ? [[project]]
  : [
      ['e2e', 'cluster'],
      ['unit', 'integration'],
    ];
// jest takes all that follows --selectProjects for names of projects, so it comes last.
const runs = given.includes('--config')
  ? [given]
  : selections.map((names) => ['--passWithNoTests', ...given, '--selectProjects', ...names]);

if (project !== 'unit') await ensureMariadb();

const folder = await mkdtemp(join(tmpdir(), 'brightbird-counts-'));
const counts = (run) => join(folder, String(run));
const children = runs.map((args, run) => {
  const env = { ...process.env, TEST_COUNTS: counts(run) };
  // Two that redraw one terminal's lines would spoil each other's.
  const stdio = ['ignore', runs.length > 1 ? 'pipe' : 'inherit', runs.length > 1 ? 'pipe' : 'inherit'];
  return spawn(process.execPath, [...jest, ...args], { cwd: root, env, stdio });
});
for (const child of children)
  for (const name of ['stdout', 'stderr']) {
    const stream = child[name];
    if (stream) createInterface({ input: stream }).on('line', (line) => process[name].write(`${line}\n`));
  }
// The terminal sends Ctrl-C to jest as well; its servers end with it.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
const codes = await Promise.all(children.map((child) => new Promise((resolve) => child.once('close', resolve))));

const total = { passed: 0, failed: 0, skipped: 0 };
for (const [run] of runs.entries()) {
  // Nothing is there where jest itself could not run; its code says so.
  const counted = JSON.parse(await readFile(counts(run), 'utf8').catch(() => '{}'));
  for (const kind of Object.keys(total)) total[kind] += counted[kind] ?? 0;
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
await rm(folder, { recursive: true, force: true });
// A misspelled name must not pass. Without changes, or for a list, there is nothing to run.
const mayRunNone = given.some((argument) => /^(--onlyChanged|-o|--changedSince\b.*|--listTests)$/.test(argument));
const ranNone = Object.values(total).every((count) => count === 0);
if (ranNone && !mayRunNone) console.error(`no test matches ${given.join(' ')}`);
process.exitCode = codes.every((code) => code === 0) && (!ranNone || mayRunNone) ? 0 : 1;
