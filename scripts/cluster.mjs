/**
 * `npm run cluster`: a Kubernetes cluster of one node with an image registry, for whoever has none: kind's or k3d's where one
 * of them is installed, else built from source, on Debian as root. `npm run cluster -- down` stops and removes it.
 */
import * as k3d from './cluster/k3d.mjs';
import * as kind from './cluster/kind.mjs';
import * as source from './cluster/source.mjs';
import { find } from './setup/tools.mjs';

const ways = [
  { program: 'kind', ...kind },
  { program: 'k3d', ...k3d },
];

async function chosen() {
  for (const way of ways) if (await find(way.program)) return way;
  return source;
}

const [word = 'up', ...more] = process.argv.slice(2);
if (!['up', 'down'].includes(word) || more.length > 0) {
  console.error('usage: npm run cluster [-- up|down]');
  process.exit(2);
}
try {
  const way = await chosen();
  if (word === 'down') await way.down();
  else {
    const { kubeconfig, registry, kubectl } = await way.up();
    if (!(await find('kubectl')) && kubectl) console.log(`\nkubectl is ${kubectl}`);
    console.log(`\nexport KUBECONFIG=${kubeconfig} REGISTRY=${registry}`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
