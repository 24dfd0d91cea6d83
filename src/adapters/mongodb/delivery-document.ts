import type { Delivery, DeliveryMatch } from '../../model/delivery.ts';

/** A delivery as it is kept. Decisions are apart from the matches: a job may decide before its match is on record. */
export interface DeliveryDocument extends Omit<Delivery, 'id'> {
  _id: string;
  /** By id of the job. */
  decisions: Record<string, Decision>;
  /** The full name that filters compare. */
  repoName?: string;
  createdAt: Date;
}

/** One that waits for its dispatch: few at a time, so that nobody looks through the history for them. */
export interface WaitingDocument {
  _id: string;
  seq: number;
}

type Decision = Pick<DeliveryMatch, 'taskId' | 'decision'>;
