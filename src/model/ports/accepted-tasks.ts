import type { TriggerRequest } from '../job-messages.ts';
import type { Task } from '../task.ts';

// Of the store of tasks: those that are accepted, from their record until their workflow claims it.

/** A start of a task: of a new one, or of a settled one that is to run again. */
export interface TaskStart {
  id: string;
  jobId: string;
  /** When it was accepted. */
  at: Date;
  /** What the job's entity gets. */
  request: TriggerRequest;
  /** When Temporal took it, the last time. */
  dispatchedAt?: Date;
}

/** What a request with an Idempotency-Key got. */
export interface RunAnswer {
  taskId: string;
  attempt: number;
}

/** Fields of a task that are filled in when its flow could not be read before. */
type TaskSnapshot = Pick<Task, 'testFlowId' | 'flowRevision' | 'pipeline' | 'globals' | 'versions' | 'lockfileOf'>;

export interface AcceptedTasks {
  /** Records a new task with its start; `salt` as of `open`. False, and nothing recorded, when its id is taken. */
  accept(task: Task, salt: (n: number) => string, start: TaskStart): Promise<boolean>;
  /** Has a settled task begin its next attempt; false when it is not settled at attempt `from` any more. */
  acceptAgain(id: string, from: number, start: TaskStart): Promise<boolean>;
  /** Temporal has taken the start; false when it was withdrawn or canceled. One that has begun by now was taken. */
  markDispatched(id: string, startId: string, at: Date): Promise<boolean>;
  /**
   * The run of a workflow takes the record of an accepted task; false when its start was withdrawn or canceled. A start that
   * was claimed before may be claimed again, by a retry or after a reset, which changes nothing.
   */
  claim(
    id: string,
    startId: string,
    run: { workflowId: string; runId: string; at: Date; reason?: string },
  ): Promise<boolean>;
  /** Fills in what a claimed task could not be recorded with. */
  fill(id: string, snapshot: TaskSnapshot): Promise<void>;
  /** Undoes an acceptance that Temporal did not take: nothing of it stays. False when it was taken or has begun. */
  withdraw(id: string, startId: string): Promise<boolean>;
  /** Settles an accepted task that has not begun as canceled; false when it has begun. */
  cancelStart(id: string, why: { startId?: string; message: string; stop?: Task['stop']; at: Date }): Promise<boolean>;
  /** The start of a task that has not begun. */
  startOf(id: string): Promise<TaskStart | undefined>;
  /** Ids of tasks that were accepted before and have not begun; some may have by now. */
  unclaimed(before: Date): Promise<string[]>;
  countUnclaimed(): Promise<number>;
  /** What the request of a key got, if it is known. */
  answerOf(key: string): Promise<RunAnswer | undefined>;
  /** Remembers what the request of a key got, as long as the task is on record; false when it is known already. */
  keepAnswer(key: string, answer: RunAnswer): Promise<boolean>;
  /** Forgets what a request got, if it was that task. */
  forgetAnswer(key: string, taskId: string): Promise<void>;
}
