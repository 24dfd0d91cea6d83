import type { Dispatcher } from 'undici';

/** Address of an API server and the signing of requests to it: from a kubeconfig, or from inside a pod. */
export interface Connection {
  /** URL without a slash at the end. */
  server: string;
  /** Returns headers and connections of one request; called for every request, as tokens expire. */
  sign(): Promise<{ headers: Record<string, string>; dispatcher: Dispatcher | undefined }>;
}
