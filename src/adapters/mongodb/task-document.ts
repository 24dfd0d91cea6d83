import type { Task } from '../../model/task.ts';
import type { RecordedWait } from '../../model/waiting.ts';
import type { Stored } from './documents.ts';

/** A start as it is kept in its task; `before` is what a settled task had, for when its start is withdrawn. */
export interface StoredStart {
  id: string;
  at: Date;
  dispatchedAt?: Date;
  request: string;
  before?: Record<string, unknown>;
}

/** What a task waits for, as it is kept in its document: of which run and attempt. */
export interface StoredWaits {
  runId: string;
  attempt: number;
  items: RecordedWait[];
}

export const textFields = ['versions', 'commits', 'globals', 'pipeline'] as const;

export type TextField = (typeof textFields)[number];

/**
 * A task as it is kept: `epoch` is the newest projection's, `createdAt` orders the lists, its logs are just `removing`,
 * `attempts` are JSON texts by number, each written apart.
 */
export type TaskDocument = Stored<Omit<Task, 'attempts'>, TextField> & {
  epoch: number;
  createdAt: Date;
  removing?: true;
  attempts?: Record<string, string>;
  start?: StoredStart;
  /** The newest start that a workflow has claimed. */
  startId?: string;
  requestKeys?: string[];
  waits?: StoredWaits;
};
