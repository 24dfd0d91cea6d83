import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exists } from '../../setup/tools.mjs';
import { cgroup } from './settings.mjs';

const root = '/sys/fs/cgroup';

/** Returns the hierarchy of version 2, or a hierarchy per controller of version 1. */
async function hierarchies() {
  if (await exists(join(root, 'cgroup.controllers'))) return [root];
  const entries = await readdir(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name));
}

/** Creates the cgroup of the kubelet's pods. */
export async function makeCgroups() {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, cgroup);
    await mkdir(folder, { recursive: true });
    // A new cgroup of version 1 has no CPUs and memory nodes; a new one of version 2 enables no controllers for children.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const above = await readFile(join(hierarchy, file), 'utf8').catch(() => '');
      if (hierarchy !== root && above.trim() !== '') await writeFile(join(folder, file), above);
    }
    if (hierarchy === root) {
      const controllers = (await readFile(join(root, 'cgroup.controllers'), 'utf8')).trim().split(' ');
      const enabled = controllers.map((one) => `+${one}`).join(' ');
      for (const one of [root, folder]) await writeFile(join(one, 'cgroup.subtree_control'), enabled);
    }
  }
}

/** Returns the ids of all processes in the cgroup. */
export async function processes() {
  const folders = (await hierarchies()).map((hierarchy) => join(hierarchy, cgroup));
  return [...new Set((await Promise.all(folders.map(processesBelow))).flat())];
}

/** Kills the processes in the cgroup, such as containers of a killed kubelet, and removes it. */
export async function removeCgroups() {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await delay(100)) {
    const found = await processes();
    if (found.length === 0) break;
    for (const pid of found) kill(pid);
  }
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, cgroup));
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function processesBelow(folder) {
  const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  const below = await Promise.all(folders.map(processesBelow));
  return [...text.split('\n').filter(Boolean).map(Number), ...below.flat()];
}

async function removeTree(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}
