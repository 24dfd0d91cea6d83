import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { find, run } from '../../setup/tools.mjs';
import { network } from './settings.mjs';

const { namespace, wire, machine, node, prefix } = network;
const ip = (...args) => run('ip', args);
const within = (...args) => run('nsenter', [`--net=${namespace}`, ...args]);

/** Rules that give pods access beyond the machine, although the Docker engine drops forwarded packets. */
const rules = [
  ['filter', 'FORWARD', '-i', wire.machine, '-j', 'ACCEPT'],
  ['filter', 'FORWARD', '-o', wire.machine, '-j', 'ACCEPT'],
  ['nat', 'POSTROUTING', '-s', `${node}/32`, '!', '-o', wire.machine, '-j', 'MASQUERADE'],
];

/** Creates the namespace and the veth pair to it. First removes leftovers of a failed start. */
export async function makeNetwork() {
  await removeNetwork();
  await mkdir(dirname(namespace), { recursive: true });
  await writeFile(namespace, '');
  await run('unshare', [`--net=${namespace}`, 'true']);
  await ip('link', 'add', wire.machine, 'type', 'veth', 'peer', 'name', wire.node, 'netns', namespace);
  await ip('address', 'add', `${machine}/${prefix}`, 'dev', wire.machine);
  await ip('link', 'set', wire.machine, 'up');
  await within('ip', 'link', 'set', 'lo', 'up');
  await within('ip', 'address', 'add', `${node}/${prefix}`, 'dev', wire.node);
  await within('ip', 'link', 'set', wire.node, 'up');
  await within('ip', 'route', 'add', 'default', 'via', machine);
  await within('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  // Applies the rules of services to pods of one bridge too; fails on kernels that do not need it.
  await within('sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=1').catch(() => undefined);
  for (const [table, chain, ...rule] of rules) await run('iptables', ['-w', '-t', table, '-I', chain, ...rule]);
}

export async function removeNetwork() {
  if (await find('iptables')) {
    for (const [table, chain, ...rule] of rules) {
      await run('iptables', ['-w', '-t', table, '-D', chain, ...rule]).catch(() => undefined);
    }
  }
  await ip('link', 'delete', wire.machine).catch(() => undefined);
  await removeNamespace(namespace);
}

/** Returns the namespace files of containerd for the networks of these processes. */
export async function podNetworks(pids) {
  const folder = '/run/netns';
  const inodes = await Promise.all(pids.map((pid) => inode(`/proc/${pid}/ns/net`)));
  const files = (await readdir(folder).catch(() => [])).map((file) => join(folder, file));
  const own = await Promise.all(files.map(async (file) => inodes.includes(await inode(file))));
  return files.filter((_file, index) => own[index]);
}

const inode = (path) =>
  stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  );

/** Unmounts a namespace; it ends with its last process. */
export async function removeNamespace(file) {
  await run('umount', [file]).catch(() => undefined);
  await rm(file, { force: true });
}

/** Unmounts everything below a folder, deepest first: volumes of pods and root file systems of containers. */
export async function unmountBelow(folder) {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const path of mounts
    .filter((one) => one.startsWith(`${folder}/`))
    .sort()
    .reverse()) {
    await run('umount', ['--lazy', path]).catch(() => undefined);
  }
}
