import type { Job } from '../job.ts';

/** A cron job's schedule as Temporal has it now. */
export interface ScheduleState {
  paused: boolean;
  note?: string;
  createdAt: Date;
}

/** Schedules of cron jobs in Temporal; all throw `unavailable` when it does not answer. */
export interface Schedules {
  /**
   * Makes the schedule equal to the job; its pause stays as it is, a new one gets the job's. `refreshed` is one that was equal,
   * and is exact for a later time now. Throws `input_invalid` when Temporal does not take the job's expression or time zone.
   */
  ensure(job: Job): Promise<'created' | 'updated' | 'refreshed' | 'unchanged'>;
  /** One that does not exist is no error. */
  remove(jobId: string): Promise<void>;
  /** False when it does not exist. */
  pause(jobId: string, note: string): Promise<boolean>;
  /** False when it does not exist. */
  resume(jobId: string, note: string): Promise<boolean>;
  /** Undefined when it does not exist. */
  describe(jobId: string): Promise<ScheduleState | undefined>;
  /** Ids of the jobs that have a schedule; eventually consistent. */
  list(): Promise<string[]>;
}
