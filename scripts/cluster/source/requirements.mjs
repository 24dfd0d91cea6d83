import { ensureBusybox } from '../../setup/busybox.mjs';
import { ensureDocker } from '../../setup/docker.mjs';
import { aptInstall, debianRoot, exists, find, stage } from '../../setup/tools.mjs';

const packages = {
  containerd: 'containerd',
  ctr: 'containerd',
  'docker-registry': 'docker-registry',
  ip: 'iproute2',
  iptables: 'iptables',
  nft: 'nftables',
  nsenter: 'util-linux',
  openssl: 'openssl',
  sysctl: 'procps',
};

/** Throws an error with alternatives if this machine cannot build a cluster. */
export async function checkMachine() {
  if (await debianRoot()) return;
  throw stage('debian').failed(
    'a cluster from source needs Debian and root; neither kind nor k3d is on PATH',
    'install kind (https://kind.sigs.k8s.io) or k3d (https://k3d.io), or set KUBECONFIG and REGISTRY to your own cluster',
  );
}

/** Installs the missing Debian packages of a cluster. */
export async function ensureRequirements() {
  await ensureDocker();
  await ensureBusybox();
  const missing = new Set();
  for (const [program, name] of Object.entries(packages)) if (!(await find(program))) missing.add(name);
  if (!(await find('busybox'))) missing.add('busybox-static');
  if (!(await exists('/usr/lib/cni/bridge'))) missing.add('containernetworking-plugins');
  if (missing.size === 0) return;
  const line = stage('debian');
  const names = [...missing].sort();
  line.begins(`installing ${names.join(', ')} with apt-get`);
  await aptInstall(...names).catch((error) => {
    throw line.failed(error.message, `install ${names.join(', ')} yourself`);
  });
  line.done(`${names.join(', ')} installed`);
}
