import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { find, run } from '../../setup/tools.mjs';
import { containerdSocket, pauseImage } from './settings.mjs';

/** Imports the pause image of pods: busybox of this machine that sleeps, so that nothing is pulled. */
export async function importPauseImage() {
  const folder = await mkdtemp(join(tmpdir(), 'brightbird-pause-'));
  try {
    await copyFile(await find('busybox'), join(folder, 'busybox'));
    const files = join(folder, 'files.tar');
    await run('tar', ['-cf', files, '-C', folder, 'busybox']);
    const entry = 'ENTRYPOINT ["/busybox","sleep","2147483647"]';
    await run('docker', ['import', '--change', entry, files, pauseImage]);
    const image = join(folder, 'image.tar');
    await run('docker', ['save', '--output', image, pauseImage]);
    await run('ctr', ['--address', containerdSocket, '--namespace', 'k8s.io', 'images', 'import', image]);
    await run('docker', ['rmi', pauseImage]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
