import type { Job } from '../job.ts';

/** Current state of a cron job's schedule in Temporal. */
export interface ScheduleState {
  paused: boolean;
  note?: string;
  createdAt: Date;
}

/** Schedules of cron jobs in Temporal; all throw `unavailable` when it does not answer. */
export interface Schedules {
  /**
   * Reconciles the schedule with the job; an existing schedule keeps its pause, a new one gets the job's. `refreshed`: the
   * schedule was equal and now covers a later period. Throws `input_invalid` when Temporal rejects the job's expression or
   * time zone.
   */
  ensure(job: Job): Promise<'created' | 'updated' | 'refreshed' | 'unchanged'>;
  /** Deletes a schedule; does nothing when it does not exist. */
  remove(jobId: string): Promise<void>;
  /** Returns false when it does not exist. */
  pause(jobId: string, note: string): Promise<boolean>;
  /** Returns false when it does not exist. */
  resume(jobId: string, note: string): Promise<boolean>;
  /** Returns undefined when it does not exist. */
  describe(jobId: string): Promise<ScheduleState | undefined>;
  /** Returns the ids of the jobs with a schedule; eventually consistent. */
  list(): Promise<string[]>;
}
