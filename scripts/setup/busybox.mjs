import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { aptDownload, aptInstall, cache, debianRoot, exists, find, request, run, stage, withLock } from './tools.mjs';

const fixHint = 'install busybox and wget, or set BASE_IMAGE to an image with Node 24 and a shell';
/** Preferred by src/programs/embedded over busybox on PATH. */
const own = join(cache, 'busybox', 'busybox');

/**
 * Installs busybox and wget for the base image when no registry is reachable; src/programs/embedded reports missing ones. The
 * busybox of Debian's busybox-static prefers its own wget, which crashes. So the image gets the busybox of the package busybox,
 * which conflicts with busybox-static, and GNU wget.
 */
export async function ensureBusybox() {
  if (process.env.BASE_IMAGE || !(await debianRoot())) return;
  const packages = { busybox: 'busybox-static', wget: 'wget' };
  const missing = [];
  for (const [program, name] of Object.entries(packages)) if (!(await find(program))) missing.push(name);
  if (missing.length === 0 && (await exists(own))) return;
  const line = stage('busybox');
  if (await request('https://registry-1.docker.io/v2/').catch(() => undefined)) return;
  line.begins("downloading busybox from Debian's packages");
  try {
    if (missing.length > 0) await aptInstall(...missing);
    await withLock(join(cache, 'busybox.lock'), download);
  } catch (error) {
    if (!(await find('busybox'))) throw line.failed(error.message, fixHint);
    console.error(`busybox     using busybox on PATH, whose wget may crash (${error.message}); ${fixHint}`);
    return;
  }
  line.done(`${[...missing, 'busybox'].join(', ')} from Debian's packages`);
}

/** Extracts busybox from its package without installing it. */
async function download() {
  if (await exists(own)) return;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'busybox-'));
  try {
    // apt's user writes to it.
    await chmod(folder, 0o777);
    await aptDownload('busybox', folder);
    const [archive] = await readdir(folder);
    await run('dpkg-deb', ['-x', join(folder, archive), folder]);
    await rename(join(folder, 'bin'), join(cache, 'busybox'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
