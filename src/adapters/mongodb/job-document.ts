import type { Job } from '../../model/job.ts';
import type { Stored } from './documents.ts';

export interface JobDocument extends Stored<Job, TextField> {
  /** The last number that somebody took by a name, so that asking again gives it again. */
  taken?: { by: string; number: number };
}

export type TextField = 'versions' | 'globalProperties';
