import { join } from 'node:path';
import { cache } from '../../setup/tools.mjs';
import { kubeconfig, name, state } from '../place.mjs';

export const versions = { kubernetes: '1.34.4', coredns: '1.12.4' };

/** Programs that were built stay here when the cluster is removed. */
const programs = join(cache, `cluster-kubernetes-${versions.kubernetes}-coredns-${versions.coredns}`);
export const kubernetes = join(programs, 'kubernetes');
export const coredns = join(programs, 'coredns');
export const kubectl = join(programs, 'kubectl');

/** Process ids and sockets: gone with a reboot, as what they belong to. */
export const runFolder = `/run/${name}-cluster`;
export const containerdSocket = join(runFolder, 'containerd.sock');
export const logs = join(state, 'logs');
export const keys = join(state, 'keys');

/** Everything runs in a network namespace of its own, so that no port and no rule meets those of the machine or of another cluster. */
export const network = {
  /** A file of its own: `ip netns` would bind /run/netns over itself, and who has namespaces there could not remove them. */
  namespace: join(runFolder, 'network'),
  /** The two ends of the wire between the machine and the namespace. */
  wire: { machine: 'bbc-machine', node: 'bbc-node' },
  machine: '10.95.0.1',
  node: '10.95.0.2',
  prefix: 30,
  pods: '10.94.0.0/24',
  services: '10.97.0.0/16',
};
/** The node's processes, below the root of every hierarchy: a kubelet removes what it does not know below its root. */
export const cgroup = `${name}-cluster`;
export const nodeName = 'brightbird';
export const apiServer = `https://${network.node}:6443`;
export const pauseImage = `${name}/pause:1`;
export { kubeconfig, state };
