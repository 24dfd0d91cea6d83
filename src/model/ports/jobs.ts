import type { Job, JobEvent, JobType, NumberRequest, Pause, Versions } from '../job.ts';
import type { Page, PageRequest } from './page.ts';

export interface JobStore {
  /** Throws `conflict` when another job has the name. */
  insert(job: Job): Promise<void>;
  /** Returns undefined for a job that is being deleted. */
  get(id: string): Promise<Job | undefined>;
  list(page: PageRequest): Promise<Page<Job>>;
  /** Lists all jobs of these types, or of all types, that are not being deleted. */
  all(types?: readonly JobType[]): Promise<Job[]>;
  /** Writes the editable fields. Returns false when the job does not exist. Throws `conflict` when another job has the name. */
  replace(job: Job): Promise<boolean>;
  delete(id: string): Promise<boolean>;
  /** Raises the job's execCount to `number`; never lowers it. */
  countRun(id: string, number: number): Promise<void>;
  /**
   * Returns the next unique task number of the job, higher than execCount and `after`, and stores it as execCount. A request
   * with the same `by` as the last one that had `by` gets the same number.
   */
  takeNumber(id: string, request?: NumberRequest): Promise<number>;
  setPause(id: string, pause: Pause | undefined): Promise<void>;
  /** Sets the versions of some plugins; keeps the others. */
  setVersions(id: string, versions: Versions): Promise<void>;
  /** Adds an event; keeps the newest 20. */
  addEvent(id: string, event: JobEvent): Promise<void>;
  /** Marks the job as being deleted, so that nothing starts any more. Returns false when no record of it exists. */
  markDeleting(id: string): Promise<boolean>;
  /** Returns the ids of the jobs that are being deleted. */
  deleting(): Promise<string[]>;
}
