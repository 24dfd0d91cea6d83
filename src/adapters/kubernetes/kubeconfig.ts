import { type DispatcherOptions, KubeConfig, RequestContext } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { Fault } from '../../model/fault.ts';
import type { Connection } from './connection.ts';

/**
 * The cluster of a kubeconfig's current context; without a path, that of `~/.kube/config`, or of the pod that this runs in.
 * Throws `not_found` where there is none of these, `invalid_request` where it cannot be used.
 * Everything beyond signing is our own: the client's watches end every 30 s, and its log streams can kill the process.
 */
export function connectKubeconfig(path?: string): Connection {
  const config = new Http1Config();
  try {
    if (path) config.loadFromFile(path);
    else config.loadFromDefault();
  } catch (cause) {
    throw notUsable(path, String(cause), cause);
  }
  const current = config.getCurrentCluster();
  // What the client takes where there is none, as kubectl did once.
  if (!path && current?.name === 'cluster' && current.server === 'http://localhost:8080') {
    throw new Fault('not_found', 'there is no kubeconfig, and this does not run in a pod with a service account', {
      hint: 'set KUBECONFIG to a file that kubectl can use',
    });
  }
  const server = current?.server.replace(/\/+$/, '');
  if (!server) throw notUsable(path, 'it has no current context with a cluster');
  return {
    server,
    async sign() {
      const context = new RequestContext(server, 'GET');
      await config.applySecurityAuthentication(context);
      return { headers: context.getHeaders(), dispatcher: config.keep(context.getDispatcher()) };
    },
  };
}

/**
 * Over HTTP/2, all streams of a connection share one window: logs that are read slowly would hold up every other answer,
 * even those that their readers wait for.
 */
class Http1Config extends KubeConfig {
  #asked = '';
  #kept: { asked: string; dispatcher: Dispatcher | undefined } | undefined;

  /** The connections of an earlier request with the same options: the client makes new ones for each. */
  keep(dispatcher: Dispatcher | undefined): Dispatcher | undefined {
    if (this.#kept?.asked !== this.#asked) this.#kept = { asked: this.#asked, dispatcher };
    return this.#kept.dispatcher;
  }

  override createDispatcherOptions(...given: Parameters<KubeConfig['createDispatcherOptions']>): DispatcherOptions {
    const options = super.createDispatcherOptions(...given);
    this.#asked = JSON.stringify(options);
    if (options.type === 'socks') return options;
    const connect = { ...('connect' in options && options.connect), allowH2: false };
    return options.type === 'none' ? { type: 'agent', connect } : { ...options, connect };
  }
}

function notUsable(path: string | undefined, why: string, cause?: unknown): Fault {
  return new Fault('invalid_request', `the kubeconfig ${path ?? 'of this user'} cannot be used: ${why}`, {
    hint: 'set KUBECONFIG to a file that kubectl can use',
    cause,
  });
}
