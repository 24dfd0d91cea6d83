/**
 * `npm run cluster`: starts a single-node Kubernetes cluster with an image registry: with kind or k3d if installed, else built
 * from source on Debian as root. `npm run cluster -- down` stops and removes it.
 */
import * as k3d from './cluster/k3d.mjs';
import * as kind from './cluster/kind.mjs';
import * as source from './cluster/source.mjs';
import { find } from './setup/tools.mjs';

const providers = [
  { program: 'kind', ...kind },
  { program: 'k3d', ...k3d },
];

async function chooseProvider() {
  for (const provider of providers) if (await find(provider.program)) return provider;
  return source;
}

const [command = 'up', ...more] = process.argv.slice(2);
if (!['up', 'down'].includes(command) || more.length > 0) {
  console.error('usage: npm run cluster [-- up|down]');
  process.exit(2);
}
try {
  const provider = await chooseProvider();
  if (command === 'down') await provider.down();
  else {
    const { kubeconfig, registry, kubectl } = await provider.up();
    if (!(await find('kubectl')) && kubectl) console.log(`\nkubectl is ${kubectl}`);
    console.log(`\nexport KUBECONFIG=${kubeconfig} REGISTRY=${registry}`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
