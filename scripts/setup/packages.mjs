import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alone, cache, root, run, stage } from './tools.mjs';

const stamp = join(root, 'node_modules', '.brightbird-stamp');

/**
 * node_modules as package-lock.json says. `npm install`, as `npm ci` fails where a registry lacks packages of foreign
 * platforms. Its warnings about the machine's own Node are of no interest: the programs run on Node 24.
 */
export async function ensurePackages() {
  if (await upToDate()) return;
  const line = stage('packages');
  await alone(join(cache, `packages-${hash(root)}.lock`), async () => {
    if (await upToDate()) return;
    line.begins('npm install');
    try {
      await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
    } catch (error) {
      throw line.failed(error.message, 'see that npm reaches its registry (npm ping)');
    }
    await writeFile(stamp, await lockHash());
    line.done('npm packages installed');
  });
}

async function upToDate() {
  return (await readFile(stamp, 'utf8').catch(() => '')) === (await lockHash());
}

async function lockHash() {
  return hash(await readFile(join(root, 'package-lock.json')));
}

function hash(data) {
  return createHash('sha256').update(data).digest('hex');
}
