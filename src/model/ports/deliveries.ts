import type { Delivery, DeliveryMatch, DeliveryState, KeptPayload } from '../delivery.ts';
import type { Page, PageRequest } from './page.ts';

interface DeliveryFilter {
  state?: DeliveryState;
  repo?: string;
  /** Received then or later. */
  since?: Date;
  /** Received earlier than that. */
  before?: Date;
}

export interface DeliveryStore {
  /** Records a delivery with the next number; false when its id is on record already. One that was recorded will be dispatched. */
  insert(delivery: Omit<Delivery, 'seq'>): Promise<boolean>;
  get(id: string): Promise<Delivery | undefined>;
  /** Keeps the payload of a delivery until that is deleted; before its record, so that none is without it. */
  keepPayload(id: string, payload: KeptPayload): Promise<void>;
  /** The payload that was kept, or undefined when there is none. */
  payload(id: string): Promise<KeptPayload | undefined>;
  /** Newest first. */
  list(filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>;
  /** Of those that wait for their dispatch, the first ones in order of receipt. */
  waiting(limit: number): Promise<Delivery[]>;
  /** It was dispatched or parked, and does not wait any more. */
  finish(id: string, result: Pick<Delivery, 'state' | 'matches' | 'error'>): Promise<void>;
  /** Its dispatch failed; it still waits. */
  fail(id: string, error: string): Promise<void>;
  /** What the entity of a job made of a delivery. */
  decide(id: string, jobId: string, decision: Pick<DeliveryMatch, 'taskId' | 'decision'>): Promise<void>;
  delete(ids: readonly string[]): Promise<void>;
  /** Takes or keeps the right to dispatch for `ttlMs`; false while somebody else has it. */
  lease(holder: string, ttlMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}
