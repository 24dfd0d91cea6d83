import type { TriggerRequest } from '../job-messages.ts';
import type { Task } from '../task.ts';

// The part of the task store for accepted tasks, from their record until their workflow claims it.

/** The start of a new task, or of a settled task that runs again. */
export interface TaskStart {
  id: string;
  jobId: string;
  /** Time of acceptance. */
  at: Date;
  /** Request to the job's entity. */
  request: TriggerRequest;
  /** Time of the latest successful dispatch to Temporal. */
  dispatchedAt?: Date;
}

/** The response to a request with an Idempotency-Key. */
export interface RunAnswer {
  taskId: string;
  attempt: number;
}

/** Fields of a task that are filled in later when its flow could not be read at acceptance. */
type TaskSnapshot = Pick<Task, 'testFlowId' | 'flowRevision' | 'pipeline' | 'globals' | 'versions' | 'lockfileOf'>;

export interface AcceptedTasks {
  /** Records a new task with its start; `salt` as in `open`. Returns false and records nothing when its id is taken. */
  accept(task: Task, salt: (n: number) => string, start: TaskStart): Promise<boolean>;
  /** Begins the next attempt of a settled task. Returns false when it is no longer settled at attempt `from`. */
  acceptAgain(id: string, from: number, start: TaskStart): Promise<boolean>;
  /** Marks the start as dispatched. Returns false when it was withdrawn or canceled; true when it has already begun. */
  markDispatched(id: string, startId: string, at: Date): Promise<boolean>;
  /**
   * Claims the record of an accepted task for a run of its workflow. Returns false when its start was withdrawn or canceled.
   * Claiming again, by a retry or after a reset, changes nothing.
   */
  claim(
    id: string,
    startId: string,
    run: { workflowId: string; runId: string; at: Date; reason?: string },
  ): Promise<boolean>;
  /** Fills in the missing fields of a claimed task. */
  fill(id: string, snapshot: TaskSnapshot): Promise<void>;
  /** Removes an accepted start that was not dispatched. Returns false when it was dispatched or has begun. */
  withdraw(id: string, startId: string): Promise<boolean>;
  /** Settles an accepted task that has not begun as canceled. Returns false when it has begun. */
  cancelStart(
    id: string,
    cancellation: { startId?: string; message: string; stop?: Task['stop']; at: Date },
  ): Promise<boolean>;
  /** Returns the start of a task that has not begun. */
  startOf(id: string): Promise<TaskStart | undefined>;
  /** Returns the ids of unclaimed tasks accepted before a time; some may have begun meanwhile. */
  unclaimed(before: Date): Promise<string[]>;
  countUnclaimed(): Promise<number>;
  /** Returns the stored response of an Idempotency-Key. */
  answerOf(key: string): Promise<RunAnswer | undefined>;
  /** Stores the response of a key while its task is recorded. Returns false when the key is already stored. */
  keepAnswer(key: string, answer: RunAnswer): Promise<boolean>;
  /** Deletes the response of a key if it names that task. */
  forgetAnswer(key: string, taskId: string): Promise<void>;
}
