import type { Delivery, DeliveryMatch } from '../../model/delivery.ts';

/** Stored delivery. Decisions are apart from the matches: a job may decide before its match is recorded. */
export interface DeliveryDocument extends Omit<Delivery, 'id'> {
  _id: string;
  /** Decisions by job id. */
  decisions: Record<string, Decision>;
  /** Full name of the repository, for filters. */
  repoName?: string;
  createdAt: Date;
}

/** Delivery that waits for dispatch; in a collection of its own, so that these few are found without a scan. */
export interface WaitingDocument {
  _id: string;
  seq: number;
}

type Decision = Pick<DeliveryMatch, 'taskId' | 'decision'>;
