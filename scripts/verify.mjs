/**
 * The fast checks, side by side, each with its time; `-- lint types` selects. Prints the output of those that
 * fail, and exits with 1 then.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { jest, root, stage } from './setup/tools.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const checks = {
  lint: [bin('biome'), 'check', '--error-on-warnings', '.'],
  // TypeScript 7; 6 is there for dependency-cruiser, which needs the API that 7 has no more.
  types: [
    process.execPath,
    join(root, 'node_modules/@typescript/native/bin/tsc'),
    ...['-p', '.', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/types.tsbuildinfo'],
  ],
  layers: [process.execPath, join(root, 'scripts', 'draw-architecture.mjs'), '--check'],
  // What nothing imports any more, and packages that nothing uses or that package.json does not name.
  unused: [bin('knip'), '--no-progress'],
  // Spelling, and words that language has a usual term for: cspell.json.
  words: [
    bin('cspell'),
    '--no-progress',
    '--no-summary',
    '--quiet',
    '--cache',
    '--cache-location',
    'node_modules/.cache/cspell',
  ],
  tests: [process.execPath, ...jest, '--selectProjects', 'unit'],
};

async function check(name, [command, ...args]) {
  const line = stage(name);
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  line.done(code === 0 ? 'ok' : `failed\n${output.trim()}\n${name} failed`);
  return code === 0;
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`);
  process.exit(1);
}
const names = chosen.length > 0 ? chosen : Object.keys(checks);
const results = await Promise.all(names.map((name) => check(name, checks[name])));
process.exit(results.every(Boolean) ? 0 : 1);
