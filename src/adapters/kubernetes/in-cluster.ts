import { readFile } from 'node:fs/promises';
import { Agent } from 'undici';
import { Fault } from '../../model/fault.ts';
import type { Connection } from './connection.ts';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Returns a connection to the API server of this pod's cluster, with its service account. Not by the Kubernetes client,
 * which takes longer to load than the rest of the runner.
 */
export async function connectInCluster(environment: NodeJS.ProcessEnv = process.env): Promise<Connection> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port) throw new Fault('internal', 'this program does not run inside a pod of a cluster');
  let ca: string;
  try {
    ca = await readFile(`${account}/ca.crt`, 'utf8');
  } catch (cause) {
    throw new Fault('forbidden', `the runner has no service account: ${String(cause)}`, {
      hint: 'remove automountServiceAccountToken: false from the runner template',
      cause,
    });
  }
  const dispatcher = new Agent({ allowH2: false, connect: { ca } });
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async sign() {
      // Read for every request: the kubelet replaces the token before it expires.
      const token = (await readFile(`${account}/token`, 'utf8')).trim();
      return { headers: { authorization: `Bearer ${token}` }, dispatcher };
    },
  };
}
