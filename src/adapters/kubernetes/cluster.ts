import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, apiFault, isUnreachable } from './api-errors.ts';
import { isOverQuota } from './refusals.ts';
import type { Namespace } from './resources.ts';

/** The namespace and the settings that all parts of the Kubernetes runtime share. */
export interface Cluster {
  namespace: Namespace;
  log: { warn(data: object, message: string): void };
  /** Service account of runners that deploy components, unless their template names one. */
  serviceAccount: string;
  /** Claim with the plugin store in its folder `plugins`; without it, a Secret carries the programs. */
  pluginClaim?: string | undefined;
  /** Time after which a call to an unreachable API server fails; `onUnreachable` is called after each try. */
  unreachableTimeoutSeconds: number;
  onUnreachable?: (error: unknown) => void;
  /** Time in which a runner must be scheduled on a node, and in which its container must start. */
  unschedulableSeconds: number;
  pendingSeconds: number;
  /** Time that a run waits for room in the quota of the namespace. */
  quotaSeconds: number;
  /** Time in which the objects of a run must be removed. */
  cleanupSeconds: number;
}

/** Default timeouts of a cluster. */
export const defaultTimeouts = {
  unreachableTimeoutSeconds: 60,
  unschedulableSeconds: 120,
  pendingSeconds: 300,
  quotaSeconds: 300,
  cleanupSeconds: 60,
} satisfies Partial<Cluster>;

/** Retries a call, with growing pauses, while the API server is unreachable; then throws `engine_unavailable`. */
export async function retryWhileUnreachable<T>(
  { unreachableTimeoutSeconds, onUnreachable }: Cluster,
  action: string,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + unreachableTimeoutSeconds * 1000;
  for (let wait = 50; ; wait = Math.min(wait * 2, 2000)) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !isUnreachable(error)) throw error;
      onUnreachable?.(apiFault(error, action));
      if (Date.now() + wait > deadline) throw apiFault(error, action);
      await pause(wait, undefined, { signal });
    }
  }
}

/**
 * Retries a call, with growing pauses, while the quota of the namespace is full. Calls `onWait` once, with the server's
 * message. Throws the refusal after the timeout.
 */
export async function retryWhileOverQuota<T>(
  { quotaSeconds }: Pick<Cluster, 'quotaSeconds'>,
  onWait: (reason: string) => Promise<void> | void,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + quotaSeconds * 1000;
  for (let wait = 500, isReported = false; ; wait = Math.min(wait * 2, 5000)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 403 && isOverQuota(error.message))) throw error;
      if (Date.now() + wait > deadline) throw error;
      if (!isReported) await onWait(error.message);
      isReported = true;
      await pause(wait, undefined, { signal });
    }
  }
}
