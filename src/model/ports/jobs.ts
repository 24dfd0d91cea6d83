import type { Job, JobEvent, JobType, NumberRequest, Pause, Versions } from '../job.ts';
import type { Page, PageRequest } from './page.ts';

export interface JobStore {
  /** Throws `conflict` when another job has the name. */
  insert(job: Job): Promise<void>;
  /** A job that is being deleted is none any more. */
  get(id: string): Promise<Job | undefined>;
  list(page: PageRequest): Promise<Page<Job>>;
  /** All jobs of these types, or of all, that are not being deleted. */
  all(types?: readonly JobType[]): Promise<Job[]>;
  /** Writes what a user may edit. Throws `conflict` when another job has the name; false when there is no such job. */
  replace(job: Job): Promise<boolean>;
  delete(id: string): Promise<boolean>;
  /** Raises the job's execCount to `number`; never lowers it. */
  countRun(id: string, number: number): Promise<void>;
  /**
   * The next number of the job's tasks, higher than execCount and `after`, and becomes execCount; each is given once. Whoever
   * asks again by the name of the last request that had one gets the same again.
   */
  takeNumber(id: string, request?: NumberRequest): Promise<number>;
  setPause(id: string, pause: Pause | undefined): Promise<void>;
  /** Sets the versions of some plugins, and leaves the others. */
  setVersions(id: string, versions: Versions): Promise<void>;
  /** Keeps the newest 20 events. */
  addEvent(id: string, event: JobEvent): Promise<void>;
  /** From now on nothing starts for this job. False when there is no such job, not even one that is being deleted. */
  markDeleting(id: string): Promise<boolean>;
  /** Ids of the jobs that are being deleted. */
  deleting(): Promise<string[]>;
}
