import { replicaSource } from '../../model/engine/replica-source.ts';
import { Fault } from '../../model/fault.ts';
import type { OnStepWait } from '../../model/waiting.ts';
import { describeEvents } from './pod-events.ts';
import { isOverQuota, refusalOf } from './refusals.ts';
import type { ServiceRequest } from './service-request.ts';

/**
 * Checks whether a controller was refused the creation of a StatefulSet's pods. Waits for a full quota, as the
 * controller retries; throws any other refusal at once.
 */
export class PodCreationCheck {
  readonly #request: ServiceRequest;
  readonly #set: { name: string; uid: string };
  #waitsSince: number | undefined;
  #isWaiting = false;

  constructor(request: ServiceRequest, set: { name: string; uid: string }) {
    this.#request = request;
    this.#set = set;
  }

  async check(signal: AbortSignal): Promise<void> {
    const { cluster, instance, print, tellWait } = this.#request;
    const events = await describeEvents(cluster, this.#set.uid, signal);
    const refused = events.split('\n').findLast((line) => line.startsWith('FailedCreate'));
    if (refused === undefined) return;
    const seconds = this.#waitsSince === undefined ? 0 : (Date.now() - this.#waitsSince) / 1000;
    if (isOverQuota(refused) && seconds < cluster.quotaSeconds) {
      if (!this.#isWaiting) await tellWait(quotaWait(instance, refused));
      this.#isWaiting = true;
      if (this.#waitsSince === undefined) await print(`${instance}: waits for room in the quota: ${refused}`);
      this.#waitsSince ??= Date.now();
      return;
    }
    const { code, hint } = refusalOf(refused) ?? {
      code: 'forbidden' as const,
      hint: 'check which admission rule of the cluster refuses its pods, and change its template',
    };
    throw new Fault(code, `the pods of StatefulSet ${this.#set.name} cannot be created${events}`, { hint });
  }

  /** Ends the wait, as all pods exist. */
  async end(): Promise<void> {
    if (this.#isWaiting) await this.#request.tellWait(undefined);
    this.#isWaiting = false;
  }
}

/** Returns the wait of a component for a full quota, with the first replica as the source, see replicaSource. */
export function quotaWait(instance: string, refused: string): Parameters<OnStepWait>[0] {
  return { reason: 'quota_exceeded', message: refused, source: replicaSource(instance, 0) };
}
