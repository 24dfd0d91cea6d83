import type { TaskInput } from '../../src/model/activities.ts';
import type { TaskRetry } from '../../src/model/attempt.ts';
import type { Accepted, TriggerRequest } from '../../src/model/job-messages.ts';
import { taskWorkflowId } from '../../src/model/queues.ts';
import { repositoryName } from '../../src/model/repository-name.ts';
import { type EventTrigger, isEvent, type RepositoryChange } from '../../src/model/trigger.ts';

/** Keys, tags and merges that are remembered, so that a repeated request starts nothing. */
const remembered = 1000;

/** What a `job` entity carries through continue-as-new. */
export interface JobState {
  jobId: string;
  lastNumber: number;
  /** Keys of requests, with the task that each became, if any. */
  seen?: [key: string, taskId: string | null][];
  /** Tags by `owner/name@tag`, with the commit that they point to where it is known. */
  tags?: [tag: string, sha: string | null][];
  /** Merged pull requests by `owner/name#number`, with the commit of the merge where it is known. */
  merges?: [merge: string, sha: string | null][];
  running?: string[];
  waiting?: WaitingTask[];
  /** Tasks whose test is over and whose environment is held: they keep no other from running. */
  held?: string[];
  /** Triggers that were received and not looked at yet, in their order. */
  inbox?: TriggerRequest[];
}

/** A task that is numbered and recorded, and begins when the others have ended. */
export interface WaitingTask {
  taskId: string;
  /** Merges or tags that arrive meanwhile join it. */
  joins?: EventTrigger['type'];
}

/** What becomes of a request. */
export type Decision =
  | { do: 'start'; waitsFor?: string; cancel: string[] }
  | { do: 'join'; taskId: string; trigger: EventTrigger }
  | { do: 'answer'; taskId: string | undefined; reason: string }
  | { do: 'refuse'; taskId: string; reason: string };

/** State of one job, without side effects: which requests it has seen, which of its tasks run, what may run now. */
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
  /** Tasks of an earlier run of this entity, whose ends nobody tells it. */
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

  carry(inbox: TriggerRequest[] = []): JobState {
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

  /** All tasks that run or wait, as far as it is known. */
  get open(): string[] {
    return [...this.#running, ...this.#waiting.map(({ taskId }) => taskId)];
  }

  /** All tasks that have not ended, as far as it is known. */
  get unsettled(): string[] {
    return [...this.open, ...this.#held];
  }

  get inherited(): string[] {
    return [...this.#inherited];
  }

  /** What to do with a request now. Changes nothing: `started`, `joined` or `answered` follow once it is done. */
  decide(request: TriggerRequest): Decision {
    const { key, policy, trigger } = request;
    const known = key === undefined ? undefined : this.#seen.get(key);
    if (known !== undefined) return { do: 'answer', taskId: known ?? undefined, reason: 'it was received before' };
    const event = request.again ? undefined : this.#knownEvent(request);
    if (event !== undefined) return { do: 'answer', taskId: undefined, reason: `${event} is known already` };
    const [blocker] = this.open;
    if (blocker === undefined) return { do: 'start', cancel: [] };
    const waitsFor = `waits until ${blocker} has ended`;
    if (isEvent(trigger) && policy.coalesce) {
      const next = this.#waiting.find(({ joins }) => joins === trigger.type);
      return next ? { do: 'join', taskId: next.taskId, trigger } : { do: 'start', waitsFor, cancel: [] };
    }
    switch (policy.overlap) {
      case 'allow_all':
        return { do: 'start', cancel: [] };
      case 'skip':
        return { do: 'refuse', taskId: blocker, reason: `${blocker} runs, and the policy is to skip` };
      case 'buffer_one': {
        const [next] = this.#waiting;
        if (!next) return { do: 'start', waitsFor, cancel: [] };
        return {
          do: 'refuse',
          taskId: next.taskId,
          reason: `${next.taskId} waits already, and the policy is to buffer one`,
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

  /** True when a task of the job, that may have ended, keeps the request from starting one at once. */
  isInTheWay(request: TriggerRequest): boolean {
    const decision = this.decide(request);
    return (
      decision.do === 'refuse' || decision.do === 'join' || (decision.do === 'start' && decision.waitsFor !== undefined)
    );
  }

  /**
   * The input of the next task, of one that is to run again, or of one that was numbered as it was accepted. `taken` is the
   * number for a new one; without it, as before there was one source of numbers, it is the next one known here.
   */
  number(
    { lastNumber, testFlowId, trigger, requestedAt, run, retry: again, accepted }: TriggerRequest,
    waitsFor: string | undefined,
    taken?: number,
  ): TaskInput {
    const known = Math.max(this.#lastNumber, lastNumber);
    const { number = accepted?.number ?? taken ?? known + 1, ...retry } = again ?? {};
    this.#lastNumber = again ? known : Math.max(known, number);
    const input = { jobId: this.jobId, testFlowId, number, trigger, requestedAt, run };
    return {
      ...input,
      ...(waitsFor !== undefined && { waitsFor }),
      ...(again && { retry: retry as TaskRetry }),
      ...(accepted && { startId: accepted.startId }),
    };
  }

  get lastNumber(): number {
    return this.#lastNumber;
  }

  started(request: TriggerRequest, taskId: string, waits: boolean): Accepted {
    const { trigger, policy } = request;
    const joins = policy.coalesce && isEvent(trigger) ? trigger.type : undefined;
    if (waits) this.#waiting.push({ taskId, ...(joins && { joins }) });
    // It may have told before the entity saw that it had begun.
    else if (!this.#held.has(taskId)) this.#running.add(taskId);
    this.answered(request, taskId);
    return { taskId, workflowId: taskWorkflowId(taskId) };
  }

  /** The request is done with, so that a repetition gets the same answer. */
  answered({ key, trigger }: TriggerRequest, taskId: string | undefined): void {
    if (key !== undefined) this.#seen = remember(this.#seen, key, taskId ?? null);
    if (trigger.type === 'tag_created') this.#tags = rememberAll(this.#tags, trigger.changes, tagName);
    if (trigger.type === 'pr_merged') this.#merges = rememberAll(this.#merges, trigger.changes, mergeName);
  }

  /** Its environment is held: it does not count as running. */
  held(taskId: string): void {
    this.#running.delete(taskId);
    this.#held.add(taskId);
  }

  /** Somebody lets it run again: nobody is asked whether it may, but others wait for it. */
  resumed(taskId: string): void {
    this.#held.delete(taskId);
    this.#running.add(taskId);
  }

  ended(taskId: string): void {
    this.#running.delete(taskId);
    this.#held.delete(taskId);
    this.#waiting = this.#waiting.filter((task) => task.taskId !== taskId);
    this.#inherited.delete(taskId);
  }

  /** The task that may begin now, if there is one; it counts as running from now on. */
  next(): string | undefined {
    if (this.#running.size > 0) return undefined;
    const next = this.#waiting.shift();
    if (next) this.#running.add(next.taskId);
    return next?.taskId;
  }

  get mayProceed(): boolean {
    return this.#running.size === 0 && this.#waiting.length > 0;
  }

  /**
   * A tag that is told by several events is one tag, and a merge that several hooks tell is one merge, whatever the ids of
   * the deliveries; either is new again only when it points to another commit.
   */
  #knownEvent({ trigger }: TriggerRequest): string | undefined {
    if (!isEvent(trigger)) return undefined;
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

/** Undefined where neither number nor commit is told, which leaves nothing to know a merge by. */
function mergeName({ repo, number, sha }: RepositoryChange): string | undefined {
  if (number !== undefined) return `${repositoryName(repo)}#${number}`;
  return sha === undefined ? undefined : `${repositoryName(repo)}@${sha}`;
}

/** A map that knows these changes too. */
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

/** A map with one entry more, as the newest, and without the oldest beyond what is remembered. */
function remember<V>(map: ReadonlyMap<string, V>, key: string, value: V): Map<string, V> {
  const entries = [...map].filter(([name]) => name !== key);
  return new Map([...entries, [key, value] as [string, V]].slice(-remembered));
}
