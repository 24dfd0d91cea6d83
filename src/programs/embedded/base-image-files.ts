import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { access, open, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../config.ts';
import { executable, exists, onPath } from './find.ts';

/** One entry of the image's file system; paths are absolute in the image. */
export interface ImageFile {
  path: string;
  mode: number;
  owner?: number;
  content: { file: string; size: number } | { text: string } | { link: string } | 'directory';
}

export interface BaseFiles {
  files: ImageFile[];
  /** 12 hex characters of the hash of everything above, so that equal machines name equal images. */
  hash: string;
}

const run = promisify(execFile);

const accounts = {
  passwd:
    'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/home/node:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
  group: 'root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n',
};

/** Name services that the C library loads at run time, so that ldd does not show them. */
const nameServices = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** Debian's busybox has a wget that crashes (`wget -T 3 http://127.0.0.1`): that of GNU takes its place where there is one. */
const wgetPath = '/usr/bin/wget';
/** What GNU's wget and Node's OpenSSL trust on Debian. */
const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** What an image needs to run Node and shell scripts, out of this machine's own files; else why it cannot be made. */
export async function collectBaseFiles(): Promise<BaseFiles | string> {
  if (process.platform !== 'linux') return `this machine's own programs do not run in a Linux container`;
  const own = join(readConfig(process.env).BRIGHTBIRD_CACHE, 'busybox', 'busybox');
  const busybox = (await executable(own)) ? own : await onPath('busybox');
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
    ...((await exists(certificates)) ? [{ ...(await fromMachine(certificates, certificates)), mode: 0o644 }] : []),
    ...applets.map((path): ImageFile => ({ path: `/${path}`, mode: 0o777, content: { link: '/bin/busybox' } })),
  ];
  return { files, hash: await hashOf(files) };
}

/** This machine's wget, unless it is an applet of busybox. */
async function ownWget(): Promise<string | undefined> {
  const path = await onPath('wget');
  return path !== undefined && !(await realpath(path)).endsWith('busybox') ? path : undefined;
}

async function fromMachine(path: string, source: string): Promise<ImageFile> {
  const file = await realpath(source);
  return { path, mode: 0o755, content: { file, size: (await stat(file)).size } };
}

/** The libraries that `program` loads, as ldd names them; none for a static program, which ldd answers with an error. */
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

/** By one buffer for all: a stream's many would stay with the process, 100 MB for Node's own program. */
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
