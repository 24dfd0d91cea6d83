import type { Job } from '../../model/job.ts';
import type { Stored } from './documents.ts';

export interface JobDocument extends Stored<Job, TextField> {
  /** Last number taken with a request name, which a repeated request gets again. */
  taken?: { by: string; number: number };
}

export type TextField = 'versions' | 'globalProperties';
