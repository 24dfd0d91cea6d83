import { KubeConfig, RequestContext } from '@kubernetes/client-node';
import { Fault } from '../../model/fault.ts';
import type { Connection } from './connection.ts';

/**
 * The cluster of a kubeconfig's current context; without a path, that of `~/.kube/config`, or of the pod that this runs in.
 * Everything beyond signing is our own: the client's watches end every 30 s, and its log streams can kill the process.
 */
export function connectKubeconfig(path?: string): Connection {
  const config = new KubeConfig();
  try {
    if (path) config.loadFromFile(path);
    else config.loadFromDefault();
  } catch (cause) {
    throw notUsable(path, String(cause), cause);
  }
  const server = config.getCurrentCluster()?.server.replace(/\/+$/, '');
  if (!server) throw notUsable(path, 'it has no current context with a cluster');
  return {
    server,
    async sign() {
      const context = new RequestContext(server, 'GET');
      await config.applySecurityAuthentication(context);
      return { headers: context.getHeaders(), dispatcher: context.getDispatcher() };
    },
  };
}

function notUsable(path: string | undefined, why: string, cause?: unknown): Fault {
  return new Fault('invalid_request', `the kubeconfig ${path ?? 'of this user'} cannot be used: ${why}`, {
    hint: 'set KUBECONFIG to a file that kubectl can use',
    cause,
  });
}
