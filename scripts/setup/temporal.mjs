import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cache, exists, find, request, run, stage, withLock } from './tools.mjs';
import { versions } from './versions.mjs';

const version = versions.temporal;
const target = join(cache, `temporal-${version}`, 'temporal');

/** Ensures the temporal command, unless TEMPORAL_ADDRESS is set: on PATH, in the cache, downloaded, or built with Go. */
export async function ensureTemporal() {
  if (process.env.TEMPORAL_ADDRESS || (await find('temporal')) || (await exists(target))) return;
  const line = stage('temporal');
  await withLock(join(cache, 'temporal.lock'), async () => {
    if (await exists(target)) return;
    const folder = await mkdtemp(join(cache, 'temporal-'));
    try {
      await downloadTemporal(folder, line).catch((error) => {
        line.tried(`download failed: ${error.message}`);
        return build(folder, line);
      });
      await run(join(folder, 'temporal'), ['--version']);
      await mkdir(dirname(target), { recursive: true });
      await rename(join(folder, 'temporal'), target);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Downloads the server as the SDK's ephemeral server does: first the URL of the archive, then the archive. */
export async function downloadTemporal(folder, line, source = 'https://temporal.download') {
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch] ?? process.arch;
  const query = `platform=${process.platform}&arch=${arch}&format=tar.gz`;
  const { archiveUrl, fileToExtract } = await (await request(`${source}/cli/v${version}?${query}`)).json();
  const archive = await request(archiveUrl);
  line.begins(`downloading ${version}`);
  const file = join(folder, 'archive.tar.gz');
  await writeFile(file, archive.body);
  await run('tar', ['-xzf', file, '-C', folder, fileToExtract]);
  if (fileToExtract !== 'temporal') await rename(join(folder, fileToExtract), join(folder, 'temporal'));
  line.done(`${version} downloaded`);
}

async function build(folder, line) {
  const go = await find('go', ['/usr/local/go/bin']);
  if (!go)
    throw line.failed(
      'no Go on PATH to build it',
      'install the temporal command (https://docs.temporal.io/cli) or Go 1.25, or set TEMPORAL_ADDRESS',
    );
  line.begins(`building ${version} with Go, which takes about 4 minutes on 2 cores`);
  const source = `github.com/temporalio/cli/cmd/temporal@v${version}`;
  try {
    await run(go, ['install', '-ldflags=-s -w', source], { env: { ...process.env, GOBIN: folder } });
  } catch (error) {
    throw line.failed(
      error.message,
      'install the temporal command (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS',
    );
  }
  line.done(`${version} built with Go`);
}
