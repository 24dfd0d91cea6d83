import { createHash } from 'node:crypto';
import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alone, cache, root, run, stage } from './tools.mjs';

const stamp = join(root, 'node_modules', '.brightbird-stamp');

/** What npm's log level `http` says of each archive of a package, from the registry or from its cache. */
const fetchedPackage = /^npm http (?:fetch|cache) .*\.tgz/gm;

/**
 * node_modules as package-lock.json says. `npm install`, as `npm ci` fails where a registry lacks packages of foreign
 * platforms. Its warnings about the machine's own Node are of no interest: the programs run on Node 24.
 */
export async function ensurePackages() {
  if (await upToDate()) return;
  const line = stage('packages');
  await alone(join(cache, `packages-${hash(root)}.lock`), async () => {
    if (await upToDate()) return;
    let fetched = 0;
    line.begins('npm install', () => (fetched > 0 ? `${fetched} packages fetched ` : ''));
    const onOutput = (text) => {
      fetched += text.match(fetchedPackage)?.length ?? 0;
    };
    try {
      await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=http'], { cwd: root, onOutput });
    } catch (error) {
      const said = error.message.replaceAll(/^npm (?:http|warn).*\n?/gm, '');
      throw line.failed(said, 'see that npm reaches its registry (npm ping)');
    }
    await removeNodeArchive();
    await writeFile(stamp, await lockHash());
    line.done('npm packages installed');
  });
}

async function upToDate() {
  if ((await readFile(stamp, 'utf8').catch(() => '')) === (await lockHash())) return true;
  return isProductionInstall();
}

/**
 * True after `npm install --omit=dev`: all that the programs need is there as package-lock.json says, and no development
 * dependency is. Whoever installed so does not want more.
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
 * The package `node` links its program out of an archive that stays beside it, with 68 MB of headers and documents that nothing here
 * reads. The program itself is a file of its own, unless the machine could only make a symbolic link.
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
