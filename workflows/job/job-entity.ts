import type { TaskInput } from '../../src/model/activities.ts';
import type { TaskRetry } from '../../src/model/attempt.ts';
import type { AcceptedRun, TriggerRequest } from '../../src/model/job-messages.ts';
import { taskWorkflowId } from '../../src/model/queues.ts';
import { repositoryName } from '../../src/model/repository-name.ts';
import { type EventTrigger, isEventTrigger, type RepositoryChange } from '../../src/model/trigger.ts';

/** Keys, tags and merges that are remembered at most, so that a repeated request starts nothing. */
const maxRemembered = 1000;

/** State that a `job` entity carries through continue-as-new. */
export interface JobState {
  jobId: string;
  lastNumber: number;
  /** Keys of requests, with the task of each, if any. */
  seen?: [key: string, taskId: string | null][];
  /** Tags by `owner/name@tag`, with the commit that they point to where it is known. */
  tags?: [tag: string, sha: string | null][];
  /** Merged pull requests by `owner/name#number`, with the commit of the merge where it is known. */
  merges?: [merge: string, sha: string | null][];
  running?: string[];
  waiting?: WaitingTask[];
  /** Tasks whose environment is held after their test: they do not block others. */
  held?: string[];
  /** Triggers that were received and not handled yet, in their order. */
  inbox?: TriggerRequest[];
}

/** A task that is numbered and recorded, and waits for its turn. */
export interface WaitingTask {
  taskId: string;
  /** Type of the events that join it while it waits. */
  joins?: EventTrigger['type'];
}

/** Decision about a request. */
export type Decision =
  | { do: 'start'; waitsFor?: string; cancel: string[] }
  | { do: 'join'; taskId: string; trigger: EventTrigger }
  | { do: 'answer'; taskId: string | undefined; reason: string }
  | { do: 'refuse'; taskId: string; reason: string };

/** State of one job, without side effects: the requests that it has seen, its tasks, and what may run now. */
export class JobEntity {
  deleting = false;
  readonly jobId: string;
  #lastNumber: number;
  #seen: Map<string, string | null>;
  #tags: Map<string, string | null>;
  #merges: Map<string, string | null>;
  readonly #running: Set<string>;
  readonly #held: Set<string>;
  #waiting: WaitingTask[];
  /** Tasks that an earlier run of this entity started, whose ends it does not learn. */
  readonly #inherited: Set<string>;

  constructor({
    jobId,
    lastNumber,
    seen = [],
    tags = [],
    merges = [],
    running = [],
    waiting = [],
    held = [],
  }: JobState) {
    this.jobId = jobId;
    this.#lastNumber = lastNumber;
    this.#seen = new Map(seen);
    this.#tags = new Map(tags);
    this.#merges = new Map(merges);
    this.#running = new Set(running);
    this.#held = new Set(held);
    this.#waiting = [...waiting];
    this.#inherited = new Set([...running, ...held, ...waiting.map(({ taskId }) => taskId)]);
  }

  toState(inbox: TriggerRequest[] = []): JobState {
    return {
      ...(inbox.length > 0 && { inbox }),
      jobId: this.jobId,
      lastNumber: this.#lastNumber,
      seen: [...this.#seen],
      tags: [...this.#tags],
      ...(this.#merges.size > 0 && { merges: [...this.#merges] }),
      running: [...this.#running],
      waiting: this.#waiting,
      ...(this.#held.size > 0 && { held: [...this.#held] }),
    };
  }

  /** Ids of the tasks that run or wait, as far as it is known. */
  get open(): string[] {
    return [...this.#running, ...this.#waiting.map(({ taskId }) => taskId)];
  }

  /** Ids of the tasks that have not ended, as far as it is known. */
  get unsettled(): string[] {
    return [...this.open, ...this.#held];
  }

  get inherited(): string[] {
    return [...this.#inherited];
  }

  /**
   * Returns the decision about a request now. Changes nothing: `markStarted` or `markAnswered` follow once it is done.
   */
  decide(request: TriggerRequest): Decision {
    const { key, policy, trigger } = request;
    const known = key === undefined ? undefined : this.#seen.get(key);
    if (known !== undefined)
      return { do: 'answer', taskId: known ?? undefined, reason: 'the request was received before' };
    const event = request.again ? undefined : this.#knownEvent(request);
    if (event !== undefined) return { do: 'answer', taskId: undefined, reason: `${event} is already known` };
    const [blocker] = this.open;
    if (blocker === undefined) return { do: 'start', cancel: [] };
    const waitsFor = `waits until ${blocker} has ended`;
    if (isEventTrigger(trigger) && policy.coalesce) {
      const next = this.#waiting.find(({ joins }) => joins === trigger.type);
      return next ? { do: 'join', taskId: next.taskId, trigger } : { do: 'start', waitsFor, cancel: [] };
    }
    switch (policy.overlap) {
      case 'allow_all':
        return { do: 'start', cancel: [] };
      case 'skip':
        return { do: 'refuse', taskId: blocker, reason: `${blocker} is running, and the overlap policy is skip` };
      case 'buffer_one': {
        const [next] = this.#waiting;
        if (!next) return { do: 'start', waitsFor, cancel: [] };
        return {
          do: 'refuse',
          taskId: next.taskId,
          reason: `${next.taskId} is already waiting, and the overlap policy is buffer_one`,
        };
      }
      case 'buffer_all':
        return { do: 'start', waitsFor, cancel: [] };
      case 'cancel_other':
        return {
          do: 'start',
          waitsFor: `waits until ${blocker}, which it replaces, has been cleaned up`,
          cancel: this.open,
        };
    }
  }

  /** Returns true when a task of the job, which may have ended, keeps the request from starting one at once. */
  isBlocked(request: TriggerRequest): boolean {
    const decision = this.decide(request);
    return (
      decision.do === 'refuse' || decision.do === 'join' || (decision.do === 'start' && decision.waitsFor !== undefined)
    );
  }

  /**
   * Creates the input of the next task, of one that runs again, or of an accepted one, which has its number. `taken` is
   * the number of a new task; without it, as in earlier releases, the entity uses its own next number.
   */
  createTaskInput(
    { lastNumber, testFlowId, trigger, requestedAt, run, retry: again, accepted }: TriggerRequest,
    waitsFor: string | undefined,
    taken?: number,
  ): TaskInput {
    const known = Math.max(this.#lastNumber, lastNumber);
    const { number = accepted?.number ?? taken ?? known + 1, ...retry } = again ?? {};
    this.#lastNumber = again ? known : Math.max(known, number);
    const input = { jobId: this.jobId, testFlowId, number, trigger, requestedAt, run };
    return { ...input, waitsFor, retry: again && (retry as TaskRetry), startId: accepted?.startId };
  }

  get lastNumber(): number {
    return this.#lastNumber;
  }

  markStarted(request: TriggerRequest, taskId: string, waits: boolean): AcceptedRun {
    const { trigger, policy } = request;
    const joins = policy.coalesce && isEventTrigger(trigger) ? trigger.type : undefined;
    if (waits) this.#waiting.push({ taskId, joins });
    // Its signal `held` may arrive before its start is seen.
    else if (!this.#held.has(taskId)) this.#running.add(taskId);
    this.markAnswered(request, taskId);
    return { taskId, workflowId: taskWorkflowId(taskId) };
  }

  /** Remembers a handled request, so that a repetition gets the same answer. */
  markAnswered({ key, trigger }: TriggerRequest, taskId: string | undefined): void {
    if (key !== undefined) this.#seen = remember(this.#seen, key, taskId ?? null);
    if (trigger.type === 'tag_created') this.#tags = rememberAll(this.#tags, trigger.changes, tagName);
    if (trigger.type === 'pr_merged') this.#merges = rememberAll(this.#merges, trigger.changes, mergeName);
  }

  /** Marks a task as held: it does not count as running. */
  markHeld(taskId: string): void {
    this.#running.delete(taskId);
    this.#held.add(taskId);
  }

  /** Marks a held task as running again: it does not wait for others, but others wait for it. */
  markResumed(taskId: string): void {
    this.#held.delete(taskId);
    this.#running.add(taskId);
  }

  markEnded(taskId: string): void {
    this.#running.delete(taskId);
    this.#held.delete(taskId);
    this.#waiting = this.#waiting.filter((task) => task.taskId !== taskId);
    this.#inherited.delete(taskId);
  }

  /** Takes the task that may begin now, if there is one; it counts as running from now on. */
  takeNext(): string | undefined {
    if (this.#running.size > 0) return undefined;
    const next = this.#waiting.shift();
    if (next) this.#running.add(next.taskId);
    return next?.taskId;
  }

  get mayProceed(): boolean {
    return this.#running.size === 0 && this.#waiting.length > 0;
  }

  /**
   * Returns a description of a tag or merge that is already known, whatever the ids of its deliveries, as several
   * events report the same one. A tag or merge of another commit is new.
   */
  #knownEvent({ trigger }: TriggerRequest): string | undefined {
    if (!isEventTrigger(trigger)) return undefined;
    const { type, changes } = trigger;
    const [map, nameOf] = type === 'tag_created' ? [this.#tags, tagName] : [this.#merges, mergeName];
    const known = changes.every((change) => {
      const name = nameOf(change);
      const seen = name === undefined ? undefined : map.get(name);
      return seen !== undefined && (seen === null || change.sha === undefined || seen === change.sha);
    });
    if (!known) return undefined;
    if (type === 'tag_created') return `the tag ${changes.map(({ version }) => version).join(', ')}`;
    return `the merge of ${changes.map(mergeName).join(', ')}`;
  }
}

function tagName({ repo, version }: RepositoryChange): string {
  return `${repositoryName(repo)}@${version}`;
}

/** Returns the identity of a merge; undefined without number and commit. */
function mergeName({ repo, number, sha }: RepositoryChange): string | undefined {
  if (number !== undefined) return `${repositoryName(repo)}#${number}`;
  return sha === undefined ? undefined : `${repositoryName(repo)}@${sha}`;
}

/** Returns the map with these changes added. */
function rememberAll(
  map: Map<string, string | null>,
  changes: readonly RepositoryChange[],
  nameOf: (change: RepositoryChange) => string | undefined,
): Map<string, string | null> {
  return changes.reduce((known, change) => {
    const name = nameOf(change);
    return name === undefined ? known : remember(known, name, change.sha ?? known.get(name) ?? null);
  }, map);
}

/** Returns the map with an entry added as the newest, without the oldest entries beyond the maximum. */
function remember<V>(map: ReadonlyMap<string, V>, key: string, value: V): Map<string, V> {
  const entries = [...map].filter(([name]) => name !== key);
  return new Map([...entries, [key, value] as [string, V]].slice(-maxRemembered));
}
