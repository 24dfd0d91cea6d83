import { Fault } from '../../model/fault.ts';
import { dnsName } from '../../model/names.ts';
import type { OnStepWait } from '../../model/waiting.ts';
import { describeEvents } from './pod-events.ts';
import { isOverQuota, refusalOf } from './refusals.ts';
import type { ServiceRequest } from './service-request.ts';

/**
 * Looks whether a controller says that it may not make the pods of a StatefulSet. A full quota is waited for, as the controller
 * tries again; any other refusal is thrown at once.
 */
export class NotCreated {
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
      hint: 'see which admission rule of the cluster refuses its pods, and change its template',
    };
    throw new Fault(code, `StatefulSet ${this.#set.name} gets no pods${events}`, { hint });
  }

  /** All pods are made. */
  async end(): Promise<void> {
    if (this.#isWaiting) await this.#request.tellWait(undefined);
    this.#isWaiting = false;
  }
}

/** What a component waits for whose objects a full quota refuses, by the source of its first pod. */
export function quotaWait(instance: string, refused: string): Parameters<OnStepWait>[0] {
  return { reason: 'quota_exceeded', message: refused, source: `${dnsName(instance)}-0` };
}
