import { type DispatcherOptions, KubeConfig, RequestContext } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { Fault } from '../../model/fault.ts';
import type { Connection } from './connection.ts';

/**
 * Connects to the cluster of a kubeconfig's current context; without a path, of `~/.kube/config` or of this pod. Throws
 * `not_found` if there is none, `invalid_request` if it is unusable. The client only signs: its watches end every 30 s,
 * its log streams can kill the process.
 */
export function connectKubeconfig(path?: string): Connection {
  const config = new Http1Config();
  try {
    if (path) config.loadFromFile(path);
    else config.loadFromDefault();
  } catch (cause) {
    throw configFault(path, String(cause), cause);
  }
  const current = config.getCurrentCluster();
  // The client's default without a kubeconfig, formerly kubectl's too.
  if (!path && current?.name === 'cluster' && current.server === 'http://localhost:8080') {
    throw new Fault('not_found', 'no kubeconfig found, and this program does not run in a pod with a service account', {
      hint: 'set KUBECONFIG to a file that kubectl can use',
    });
  }
  const server = current?.server.replace(/\/+$/, '');
  if (!server) throw configFault(path, 'it has no current context with a cluster');
  return {
    server,
    async sign() {
      const context = new RequestContext(server, 'GET');
      await config.applySecurityAuthentication(context);
      return { headers: context.getHeaders(), dispatcher: config.reuse(context.getDispatcher()) };
    },
  };
}

/**
 * Kubeconfig without HTTP/2, whose streams share one window per connection: slowly read logs would delay every other
 * answer, even those that their readers wait for.
 */
class Http1Config extends KubeConfig {
  #options = '';
  #cached: { options: string; dispatcher: Dispatcher | undefined } | undefined;

  /** Returns the connections of an earlier request with the same options: the client creates new ones for each. */
  reuse(dispatcher: Dispatcher | undefined): Dispatcher | undefined {
    if (this.#cached?.options !== this.#options) this.#cached = { options: this.#options, dispatcher };
    return this.#cached.dispatcher;
  }

  override createDispatcherOptions(...args: Parameters<KubeConfig['createDispatcherOptions']>): DispatcherOptions {
    const options = super.createDispatcherOptions(...args);
    this.#options = JSON.stringify(options);
    if (options.type === 'socks') return options;
    const connect = { ...('connect' in options && options.connect), allowH2: false };
    return options.type === 'none' ? { type: 'agent', connect } : { ...options, connect };
  }
}

function configFault(path: string | undefined, reason: string, cause?: unknown): Fault {
  return new Fault('invalid_request', `the kubeconfig ${path ?? 'of this user'} cannot be used: ${reason}`, {
    hint: 'set KUBECONFIG to a file that kubectl can use',
    cause,
  });
}
