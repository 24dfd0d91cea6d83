import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../setup/tools.mjs';
import { cgroup } from './settings.mjs';

const root = '/sys/fs/cgroup';

/** One hierarchy of version 2, or one for each controller of version 1. */
async function hierarchies() {
  if (await exists(join(root, 'cgroup.controllers'))) return [root];
  const entries = await readdir(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name));
}

/** Makes the cgroup below which the kubelet has its pods. */
export async function makeCgroups() {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, cgroup);
    await mkdir(folder, { recursive: true });
    // Version 1 begins with no processor and no memory; version 2 with no controller for what is below.
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

/** Removes it with all that is below it; nothing runs there any more. */
export async function removeCgroups() {
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, cgroup));
}

async function removeTree(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}
