import { glob, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Docker from 'dockerode';
import { readConfig } from '../../../src/programs/config.ts';
import { ensureBaseImage } from '../../../src/programs/embedded/base-image.ts';
import { findOnPath } from '../../../src/programs/embedded/find.ts';
import { root, run } from './run.ts';

const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** Builds the product's image from deploy/Dockerfile as `image`, as in docs/operate/deploy.md. Returns its base image. */
export async function buildProduct(image: string): Promise<{ runnerBase: string }> {
  const runnerBase = await ensureBaseImage(readConfig(process.env), new Docker(), () => undefined);
  const node = runnerBase.startsWith('node:') ? runnerBase : await machineImage(runnerBase);
  await run('docker', [
    'build',
    '--force-rm',
    '-f',
    'deploy/Dockerfile',
    '--build-arg',
    `NODE_IMAGE=${node}`,
    '-t',
    image,
    '.',
  ]);
  return { runnerBase };
}

/** Builds a base image without pulling: the imported base image with npm, git and CA certificates of this machine. */
async function machineImage(base: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'brightbird-node-image-'));
  const [git = '', npm = ''] = await Promise.all(['git', 'npm'].map(async (name) => findOnPath(name)));
  const execPath = await run(git, ['--exec-path']);
  const gits = [git, ...['git-remote-http', 'git-remote-https'].map((name) => join(execPath, name))];
  const programs = [...gits];
  // Temporal's SDK and the bundler's compiler are native, and need shared libraries of Debian.
  const native = (path: string) => new RegExp(process.arch === 'x64' ? 'x86_64|x64' : 'aarch64|arm64').test(path);
  for await (const path of glob('node_modules/{@temporalio,@swc}/**/*linux*gnu*/*.node', { cwd: root })) {
    if (native(path)) programs.push(path);
  }
  const libraries = (await Promise.all(programs.map((program) => run('ldd', [program]))))
    .flatMap((text) => [...text.matchAll(/(\/\S+) \(0x/g)])
    .map((match) => match[1] ?? '');
  const npmProgram = await realpath(npm);
  const files = [...gits, ...new Set(libraries), certificates];
  try {
    await run('cp', ['--dereference', '--parents', '--target-directory', folder, ...files]);
    await run('cp', ['--recursive', '--parents', '--target-directory', folder, dirname(dirname(npmProgram))]);
    await mkdir(join(folder, 'usr/local/bin'), { recursive: true });
    await symlink(npmProgram, join(folder, 'usr/local/bin/npm'));
    const dockerfile = `FROM ${base}\nCOPY . /\nENV NODE_EXTRA_CA_CERTS=${certificates}\n`;
    await writeFile(join(folder, 'Dockerfile'), dockerfile);
    const tag = `${base}-git`;
    await run('docker', ['build', '--quiet', '-t', tag, folder]);
    return tag;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
