import { run } from '../setup/tools.mjs';
import { name, registry } from './place.mjs';

/** Name of the registry on the network of the nodes, where its port is 5000. */
export const registryName = `${name}-registry`;

/** Ensures a registry container, which this machine reaches at `registry` and the nodes by its name. */
export async function ensureRegistry(network) {
  const found = await run('docker', ['ps', '--all', '--quiet', '--filter', `name=^${registryName}$`]);
  if (found.trim() !== '') await run('docker', ['start', registryName]);
  else {
    const options = ['--detach', '--restart=unless-stopped', '--publish', `${registry}:5000`, '--name', registryName];
    await run('docker', ['run', ...options, 'registry:3']);
  }
  await run('docker', ['network', 'connect', network, registryName]).catch((error) => {
    if (!/already exists/.test(error.message)) throw error;
  });
}

export async function removeRegistry() {
  await run('docker', ['rm', '--force', '--volumes', registryName]);
}
