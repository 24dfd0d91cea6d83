import { join } from 'node:path';
import { cache } from '../setup/tools.mjs';

/** One cluster a machine, whichever copy of the repository made it. */
export const name = 'brightbird';
/** All that it keeps: kubeconfig, keys, records, images, volumes, the logs of its programs. */
export const state = join(cache, 'cluster');
export const kubeconfig = join(state, 'kubeconfig');
/** The engine trusts registries of 127.0.0.0/8 without TLS. Not 5000, where others like to be. */
export const registryPort = 5100;
export const registry = `127.0.0.1:${registryPort}`;
