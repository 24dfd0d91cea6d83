import { mkdir } from 'node:fs/promises';
import { run, stage } from '../setup/tools.mjs';
import { kubeconfig, name, registry, state } from './place.mjs';
import { ensureRegistry, registryName, removeRegistry } from './registry-container.mjs';

/** Creates the cluster as in kind's documentation of a local registry (kind 0.27 or newer): a file on each node maps its name. */
export async function up() {
  const line = stage('kind');
  if ((await run('kind', ['get', 'clusters'])).split('\n').includes(name)) line.tried(`cluster ${name} exists`);
  else {
    line.begins(`creating the cluster ${name}`);
    await mkdir(state, { recursive: true });
    await run('kind', ['create', 'cluster', '--name', name, '--kubeconfig', kubeconfig, '--wait', '3m']);
  }
  await ensureRegistry('kind');
  const hosts = `[host."http://${registryName}:5000"]\n`;
  const folder = `/etc/containerd/certs.d/${registry}`;
  const nodes = (await run('kind', ['get', 'nodes', '--name', name])).split('\n').filter(Boolean);
  for (const node of nodes) {
    const script = `mkdir -p ${folder} && printf '%s' '${hosts}' > ${folder}/hosts.toml`;
    await run('docker', ['exec', node, 'sh', '-c', script]);
  }
  line.done(`cluster ${name} is ready, its registry is ${registry}`);
  return { kubeconfig, registry };
}

export async function down() {
  const line = stage('kind');
  await run('kind', ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig]);
  await removeRegistry();
  line.done(`cluster ${name} and its registry removed`);
}
