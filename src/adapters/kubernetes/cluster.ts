import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, apiFault, isUnreachable } from './api-errors.ts';
import { isOverQuota } from './refusals.ts';
import type { Namespace } from './resources.ts';

/** What every part of the Kubernetes runtime works with. */
export interface Cluster {
  namespace: Namespace;
  log: { warn(data: object, message: string): void };
  /** Service account of runners that deploy components, where their template names none. */
  serviceAccount: string;
  /** Claim that has the plugin store in its folder `plugins`; without it, programs travel in a Secret. */
  pluginClaim?: string | undefined;
  /** How long the API server may be away before whoever waits for it gives up; `onAway` hears of each call that it did not answer. */
  patienceSeconds: number;
  onAway?: (error: unknown) => void;
  /** How long a runner may wait for its place on a node, and until its container starts. */
  unschedulableSeconds: number;
  pendingSeconds: number;
  /** How long the quota of the namespace may be full before a run that waits for it ends. */
  quotaSeconds: number;
  /** How long the objects of a run may take to be gone. */
  cleanupSeconds: number;
}

/** How long a cluster gets, where nothing else is said. */
export const patience = {
  patienceSeconds: 60,
  unschedulableSeconds: 120,
  pendingSeconds: 300,
  quotaSeconds: 300,
  cleanupSeconds: 60,
} satisfies Partial<Cluster>;

/** Calls again, with growing pauses, while the API server cannot be reached. Throws `engine_unavailable` when patience ends. */
export async function patiently<T>(
  { patienceSeconds, onAway }: Pick<Cluster, 'patienceSeconds' | 'onAway'>,
  doing: string,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (let wait = 50; ; wait = Math.min(wait * 2, 2000)) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !isUnreachable(error)) throw error;
      onAway?.(apiFault(error, doing));
      if (Date.now() + wait > deadline) throw apiFault(error, doing);
      await pause(wait, undefined, { signal });
    }
  }
}

/**
 * Calls again, with growing pauses, while the quota of the namespace is full; `onWait` hears of it once, with the server's words.
 * Throws what was refused when the time for it is over.
 */
export async function whileOverQuota<T>(
  { quotaSeconds }: Pick<Cluster, 'quotaSeconds'>,
  onWait: (reason: string) => Promise<void> | void,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + quotaSeconds * 1000;
  for (let wait = 500, told = false; ; wait = Math.min(wait * 2, 5000)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 403 && isOverQuota(error.message))) throw error;
      if (Date.now() + wait > deadline) throw error;
      if (!told) await onWait(error.message);
      told = true;
      await pause(wait, undefined, { signal });
    }
  }
}
