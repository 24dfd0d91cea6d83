import type { Delivery, DeliveryMatch, DeliveryState, KeptPayload } from '../delivery.ts';
import type { Page, PageRequest } from './page.ts';

interface DeliveryFilter {
  state?: DeliveryState;
  repo?: string;
  /** Earliest time of receipt. */
  since?: Date;
  /** Time of receipt, exclusive upper bound. */
  before?: Date;
}

export interface DeliveryStore {
  /** Records a delivery with the next number, for dispatch. Returns false when its id is already recorded. */
  insert(delivery: Omit<Delivery, 'seq'>): Promise<boolean>;
  get(id: string): Promise<Delivery | undefined>;
  /** Stores the payload until its delivery is deleted. Call it before `insert`, so that no record lacks its payload. */
  keepPayload(id: string, payload: KeptPayload): Promise<void>;
  /** Returns the stored payload, or undefined. */
  payload(id: string): Promise<KeptPayload | undefined>;
  /** Newest first. */
  list(filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>;
  /** Returns the first deliveries that wait for dispatch, in order of receipt. */
  waiting(limit: number): Promise<Delivery[]>;
  /** Marks a delivery as dispatched or parked. */
  finish(id: string, result: Pick<Delivery, 'state' | 'matches' | 'error'>): Promise<void>;
  /** Records a failed dispatch; the delivery still waits. */
  fail(id: string, error: string): Promise<void>;
  /** Records the decision of a job's entity on a delivery. */
  decide(id: string, jobId: string, decision: Pick<DeliveryMatch, 'taskId' | 'decision'>): Promise<void>;
  delete(ids: readonly string[]): Promise<void>;
  /** Acquires or renews the dispatcher's lease for `ttlMs`. Returns false while another holder has it. */
  lease(holder: string, ttlMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}
