import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, stage } from '../setup/tools.mjs';
import { kubeconfig, name, registry, state } from './place.mjs';
import { ensureRegistry, registryName, removeRegistry } from './registry-container.mjs';

/** Creates the cluster as in k3d's documentation of registries: a file maps the registry's name for the nodes. */
export async function up() {
  const line = stage('k3d');
  const clusters = JSON.parse(await run('k3d', ['cluster', 'list', '--output', 'json']));
  if (clusters.some((cluster) => cluster.name === name)) line.tried(`cluster ${name} exists`);
  else {
    line.begins(`creating the cluster ${name}`);
    await mkdir(state, { recursive: true });
    const registries = join(state, 'registries.yaml');
    await writeFile(registries, `mirrors:\n  "${registry}":\n    endpoint: ["http://${registryName}:5000"]\n`);
    const options = ['--registry-config', registries, '--kubeconfig-update-default=false', '--wait', '--timeout', '3m'];
    await run('k3d', ['cluster', 'create', name, ...options]);
  }
  await ensureRegistry(`k3d-${name}`);
  await run('k3d', ['kubeconfig', 'write', name, '--output', kubeconfig, '--overwrite']);
  line.done(`cluster ${name} is ready, its registry is ${registry}`);
  return { kubeconfig, registry };
}

export async function down() {
  const line = stage('k3d');
  await removeRegistry();
  await run('k3d', ['cluster', 'delete', name]);
  line.done(`cluster ${name} and its registry removed`);
}
