import type { Dispatcher } from 'undici';

/** Where an API server is, and how requests to it are signed: from a kubeconfig, or from the inside of a pod. */
export interface Connection {
  /** Without a slash at the end. */
  server: string;
  /** Headers and connections of one request; asked for every request, as tokens expire. */
  sign(): Promise<{ headers: Record<string, string>; dispatcher: Dispatcher | undefined }>;
}
