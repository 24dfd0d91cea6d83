import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { alone, aptDownload, aptInstall, cache, debianRoot, exists, find, request, run, stage } from './tools.mjs';

const byHand = 'install busybox and wget, or set BASE_IMAGE to an image with Node 24 and a shell';
/** Used by src/programs/embedded before that of PATH. */
const own = join(cache, 'busybox', 'busybox');

/**
 * busybox and wget for the base image, where no registry can be reached to pull one; src/programs/embedded says so when they are missing
 * elsewhere. Debian's busybox-static is enough for a shell, but takes its own wget, which crashes, before any other: the image gets that
 * of the package busybox, which cannot be installed beside it, and GNU's wget.
 */
export async function ensureBusybox() {
  if (process.env.BASE_IMAGE || !(await debianRoot())) return;
  const packages = { busybox: 'busybox-static', wget: 'wget' };
  const missing = [];
  for (const [program, name] of Object.entries(packages)) if (!(await find(program))) missing.push(name);
  if (missing.length === 0 && (await exists(own))) return;
  const line = stage('busybox');
  if (await request('https://registry-1.docker.io/v2/').catch(() => undefined)) return;
  line.begins("fetching busybox from Debian's packages");
  try {
    if (missing.length > 0) await aptInstall(...missing);
    await alone(join(cache, 'busybox.lock'), download);
  } catch (error) {
    if (!(await find('busybox'))) throw line.failed(error.message, byHand);
    console.error(`busybox     that of PATH is used, whose wget may crash (${error.message}); ${byHand}`);
    return;
  }
  line.done(`${[...missing, 'busybox'].join(', ')} from Debian's packages`);
}

/** Takes busybox out of its package, without installing it. */
async function download() {
  if (await exists(own)) return;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'busybox-'));
  try {
    // apt's own user writes there.
    await chmod(folder, 0o777);
    await aptDownload('busybox', folder);
    const [archive] = await readdir(folder);
    await run('dpkg-deb', ['-x', join(folder, archive), folder]);
    await rename(join(folder, 'bin'), join(cache, 'busybox'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
