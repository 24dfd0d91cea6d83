import { createHash } from 'node:crypto';
import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cache, root, run, stage, withLock } from './tools.mjs';

const stampFile = join(root, 'node_modules', '.brightbird-stamp');

/** Log line of npm (level `http`) for each package archive from the registry or the cache. */
const fetchedPackage = /^npm http (?:fetch|cache) .*\.tgz/gm;

/**
 * Installs node_modules from package-lock.json. Uses `npm install`, as `npm ci` fails when a registry lacks packages of other
 * platforms. Hides warnings about the machine's Node: the programs run on Node 24.
 */
export async function ensurePackages() {
  if (await isUpToDate()) return;
  const line = stage('packages');
  await withLock(join(cache, `packages-${hash(root)}.lock`), async () => {
    if (await isUpToDate()) return;
    let fetched = 0;
    line.begins('npm install', () => (fetched > 0 ? `${fetched} packages fetched ` : ''));
    const onOutput = (text) => {
      fetched += text.match(fetchedPackage)?.length ?? 0;
    };
    try {
      await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=http'], { cwd: root, onOutput });
    } catch (error) {
      const message = error.message.replaceAll(/^npm (?:http|warn).*\n?/gm, '');
      throw line.failed(message, 'check that npm can reach its registry (npm ping)');
    }
    await removeNodeArchive();
    await writeFile(stampFile, await lockHash());
    line.done('npm packages installed');
  });
}

async function isUpToDate() {
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === (await lockHash())) return true;
  return isProductionInstall();
}

/**
 * Returns true after `npm install --omit=dev`: all runtime dependencies match package-lock.json, and no development dependency
 * is installed.
 */
export async function isProductionInstall(folder = root) {
  const [wanted, installed] = await Promise.all(
    ['package-lock.json', 'node_modules/.package-lock.json'].map(async (path) => {
      const text = await readFile(join(folder, path), 'utf8').catch(() => '{}');
      return JSON.parse(text).packages ?? {};
    }),
  );
  const packages = Object.entries(wanted).filter(([path]) => path !== '');
  if (packages.some(([path, { dev }]) => dev && installed[path])) return false;
  const needed = packages.filter(([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional);
  return needed.every(([path, { version }]) => installed[path]?.version === version);
}

/**
 * Removes the archive of the package `node`: 68 MB of unused headers and documents. Its program is a hard link or a copy, except
 * on machines that only support symbolic links.
 */
export async function removeNodeArchive(folder = root) {
  const own = join(folder, 'node_modules', 'node');
  const program = await lstat(join(own, 'bin', 'node')).catch(() => undefined);
  if (program?.isFile()) await rm(join(own, 'node_modules'), { recursive: true, force: true });
}

async function lockHash() {
  return hash(await readFile(join(root, 'package-lock.json')));
}

function hash(data) {
  return createHash('sha256').update(data).digest('hex');
}
