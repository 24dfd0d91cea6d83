import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { access, open, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../config.ts';
import { findOnPath, isExecutable, pathExists } from './find.ts';

/** Entry of the image's file system. */
export interface ImageFile {
  /** Absolute path in the image. */
  path: string;
  mode: number;
  owner?: number;
  content: { file: string; size: number } | { text: string } | { link: string } | 'directory';
}

export interface BaseFiles {
  files: ImageFile[];
  /** First 12 hex characters of the hash of `files`: equal machines give equal images the same name. */
  hash: string;
}

const run = promisify(execFile);

const accounts = {
  passwd:
    'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/home/node:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
  group: 'root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n',
};

/** Name services that the C library loads at run time; ldd does not list them. */
const nameServices = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** GNU wget replaces the applet of Debian's busybox, which crashes (`wget -T 3 http://127.0.0.1`). */
const wgetPath = '/usr/bin/wget';
/** CA certificates of GNU wget and Node's OpenSSL on Debian. */
const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** Collects this machine's files for an image that runs Node and shell scripts. Returns the reason if that is impossible. */
export async function collectBaseFiles(): Promise<BaseFiles | string> {
  if (process.platform !== 'linux') return 'programs of this machine do not run in a Linux container';
  const own = join(readConfig(process.env).BRIGHTBIRD_CACHE, 'busybox', 'busybox');
  const busybox = (await isExecutable(own)) ? own : await findOnPath('busybox');
  if (!busybox) return 'no busybox on PATH';
  const { stdout } = await run(busybox, ['--list-full']);
  const wget = await ownWget();
  const programs: Record<string, string> = {
    '/usr/local/bin/node': process.execPath,
    '/bin/busybox': busybox,
    ...(wget !== undefined && { [wgetPath]: wget }),
  };
  const applets = stdout.split('\n').filter((path) => path !== '' && programs[`/${path}`] === undefined);
  const libraries = new Set((await Promise.all(Object.values(programs).map(sharedLibraries))).flat());
  const files: ImageFile[] = [
    ...['/etc', '/root', '/run', '/var/tmp'].map((path): ImageFile => ({ path, mode: 0o755, content: 'directory' })),
    { path: '/tmp', mode: 0o1777, content: 'directory' },
    { path: '/home/node', mode: 0o755, owner: 1000, content: 'directory' },
    { path: '/etc/passwd', mode: 0o644, content: { text: accounts.passwd } },
    { path: '/etc/group', mode: 0o644, content: { text: accounts.group } },
    { path: '/etc/nsswitch.conf', mode: 0o644, content: { text: 'hosts: files dns\n' } },
    ...(await Promise.all(Object.entries(programs).map(([path, source]) => fromMachine(path, source)))),
    ...(await Promise.all([...libraries].sort().map((path) => fromMachine(path, path)))),
    ...((await pathExists(certificates)) ? [{ ...(await fromMachine(certificates, certificates)), mode: 0o644 }] : []),
    ...applets.map((path): ImageFile => ({ path: `/${path}`, mode: 0o777, content: { link: '/bin/busybox' } })),
  ];
  return { files, hash: await hashOf(files) };
}

/** Returns the path of this machine's wget, unless it is an applet of busybox. */
async function ownWget(): Promise<string | undefined> {
  const path = await findOnPath('wget');
  return path !== undefined && !(await realpath(path)).endsWith('busybox') ? path : undefined;
}

async function fromMachine(path: string, source: string): Promise<ImageFile> {
  const file = await realpath(source);
  return { path, mode: 0o755, content: { file, size: (await stat(file)).size } };
}

/** Returns the libraries that `program` loads, by ldd; none for a static program, for which ldd fails. */
async function sharedLibraries(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }));
  const direct = [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
  const libc = direct.find((path) => path.includes('/libc.so'));
  if (!libc) return direct;
  const services = nameServices.map((name) => join(dirname(libc), name));
  const present = await Promise.all(
    services.map((path) =>
      access(path).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return [...direct, ...present.flat()];
}

async function hashOf(files: readonly ImageFile[]): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(1 << 20);
  for (const { path, mode, owner, content } of files) {
    hash.update(
      JSON.stringify([path, mode, owner ?? 0, typeof content === 'object' && 'file' in content ? '' : content]),
    );
    if (typeof content === 'object' && 'file' in content) await addFile(hash, content.file, buffer);
  }
  return hash.digest('hex').slice(0, 12);
}

/** Hashes a file through one shared buffer: the buffers of a stream stay in memory, 100 MB for the node binary. */
async function addFile(hash: Hash, file: string, buffer: Buffer): Promise<void> {
  const handle = await open(file);
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer);
      if (bytesRead === 0) return;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
