import { join } from 'node:path';
import { cache } from '../setup/tools.mjs';

/** One cluster per machine, shared by all checkouts of the repository. */
export const name = 'brightbird';
/** Folder of the cluster's state: kubeconfig, keys, etcd data, images, volumes, logs. */
export const state = join(cache, 'cluster');
export const kubeconfig = join(state, 'kubeconfig');
/** The engine trusts registries of 127.0.0.0/8 without TLS. Not 5000, which is often taken. */
export const registryPort = 5100;
export const registry = `127.0.0.1:${registryPort}`;
