import { join } from 'node:path';
import { cache } from '../../setup/tools.mjs';
import { kubeconfig, name, state } from '../place.mjs';

export const versions = { kubernetes: '1.34.4', coredns: '1.12.4' };

/** Built programs, which stay when the cluster is removed. */
const programs = join(cache, `cluster-kubernetes-${versions.kubernetes}-coredns-${versions.coredns}`);
export const kubernetes = join(programs, 'kubernetes');
export const coredns = join(programs, 'coredns');
export const kubectl = join(programs, 'kubectl');

/** Pid files and sockets, which do not outlive a reboot. */
export const runFolder = `/run/${name}-cluster`;
export const containerdSocket = join(runFolder, 'containerd.sock');
export const logs = join(state, 'logs');
export const keys = join(state, 'keys');

/** A network namespace keeps ports and rules apart from those of the machine and of other clusters. */
export const network = {
  /** A separate file: `ip netns` would mount /run/netns over itself, and other programs could not remove their namespaces. */
  namespace: join(runFolder, 'network'),
  /** Both ends of the veth pair between the machine and the namespace. */
  wire: { machine: 'bbc-machine', node: 'bbc-node' },
  machine: '10.95.0.1',
  node: '10.95.0.2',
  prefix: 30,
  pods: '10.94.0.0/24',
  services: '10.97.0.0/16',
};
/** Cgroup of the node, not the root: a kubelet removes unknown cgroups below its cgroup root. */
export const cgroup = `${name}-cluster`;
export const nodeName = 'brightbird';
export const apiServer = `https://${network.node}:6443`;
export const pauseImage = `${name}/pause:1`;
export { kubeconfig, state };
