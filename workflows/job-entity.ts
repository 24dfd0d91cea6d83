import type { TaskInput } from '../src/model/activities.ts';
import type { Accepted, RunRequest } from '../src/model/job-messages.ts';

/** Keys of runs that are remembered, so that a repeated request gets the answer of the first. */
const remembered = 200;

/** What a `job` entity carries through continue-as-new. */
export interface JobState {
  jobId: string;
  lastNumber: number;
  answers: [key: string, answer: Accepted][];
}

/** State of one job: it numbers the tasks, each number once. */
export class JobEntity {
  forgotten = false;
  readonly #state: JobState;

  constructor(state: JobState) {
    this.#state = { ...state, answers: [...state.answers] };
  }

  /** The next task; `atLeast` is the highest number on record, for an entity that lost its history. */
  number(request: RunRequest): TaskInput {
    this.#state.lastNumber = Math.max(this.#state.lastNumber, request.lastNumber) + 1;
    const { testFlowId, trigger, requestedAt, run } = request;
    return { jobId: this.#state.jobId, testFlowId, number: this.#state.lastNumber, trigger, requestedAt, run };
  }

  answerOf(key: string): Accepted | undefined {
    return this.#state.answers.find(([known]) => known === key)?.[1];
  }

  remember(key: string, answer: Accepted): void {
    this.#state.answers = [...this.#state.answers, [key, answer] as [string, Accepted]].slice(-remembered);
  }

  carry(): JobState {
    return this.#state;
  }
}
