import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { find, run } from '../../setup/tools.mjs';
import { network } from './settings.mjs';

const { namespace, wire, machine, node, prefix } = network;
const ip = (...args) => run('ip', args);
const within = (...args) => run('nsenter', [`--net=${namespace}`, ...args]);

/** What the machine's own rules need, so that pods reach beyond the machine, though the Docker engine closes what passes through. */
const rules = [
  ['filter', 'FORWARD', '-i', wire.machine, '-j', 'ACCEPT'],
  ['filter', 'FORWARD', '-o', wire.machine, '-j', 'ACCEPT'],
  ['nat', 'POSTROUTING', '-s', `${node}/32`, '!', '-o', wire.machine, '-j', 'MASQUERADE'],
];

/** Makes the namespace and the wire to it; what a broken start has left is removed first. */
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
  // Services must hold between pods of one bridge too; a kernel without this has no such bridges.
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

/** Files of containerd that hold the networks of these processes' pods. */
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

/** Takes a mounted namespace away; it ends with its last process. */
export async function removeNamespace(file) {
  await run('umount', [file]).catch(() => undefined);
  await rm(file, { force: true });
}

/** Mounts of a folder and below, the deepest first, are taken away: volumes of pods and what containers ran on. */
export async function unmountBelow(folder) {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const path of mounts
    .filter((one) => one.startsWith(`${folder}/`))
    .sort()
    .reverse()) {
    await run('umount', ['--lazy', path]).catch(() => undefined);
  }
}
