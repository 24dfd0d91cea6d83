import type { Task } from '../../model/task.ts';
import type { RecordedWait } from '../../model/waiting.ts';
import type { Stored } from './documents.ts';

/** Stored start of a task; `before` has the fields of a settled task to restore when the start is withdrawn. */
export interface StoredStart {
  id: string;
  at: Date;
  dispatchedAt?: Date;
  request: string;
  before?: Record<string, unknown>;
}

/** Stored waits of a task, with their run and attempt. */
export interface StoredWaits {
  runId: string;
  attempt: number;
  items: RecordedWait[];
}

export const textFields = ['versions', 'commits', 'globals', 'pipeline'] as const;

export type TextField = (typeof textFields)[number];

/**
 * Stored task. `epoch` is that of the newest projection, `createdAt` orders lists, `removing` is set while its logs are
 * removed, `attempts` are JSON texts by number, each written separately.
 */
export type TaskDocument = Stored<Omit<Task, 'attempts'>, TextField> & {
  epoch: number;
  createdAt: Date;
  removing?: true;
  attempts?: Record<string, string>;
  start?: StoredStart;
  /** Newest start that a workflow has claimed. */
  startId?: string;
  requestKeys?: string[];
  waits?: StoredWaits;
};
