/** A merged pull request, as the rules of jobs see it. */
interface PullRequestMerged {
  kind: 'pr_merged';
  /** `owner/name` as GitHub writes it. */
  repo: string;
  /** Target and source branch of the merge. */
  base: string;
  source: string;
  /** Absent when GitHub did not send it. */
  number?: number;
  title: string;
  /** Full sha of the merge commit, if sent. */
  sha?: string;
  by: string;
}

/** A new tag, reported by any of GitHub's three events. */
interface TagCreated {
  kind: 'tag_created';
  repo: string;
  tag: string;
  /** Commit of the tag; only a push event has it. */
  sha?: string;
  by: string;
}

export type HookEvent = PullRequestMerged | TagCreated;

/** The result of matching a delivery with a job. */
export interface DeliveryMatch {
  jobId: string;
  jobName: string;
  matched: boolean;
  /** Explanation in a sentence. */
  reason: string;
  /** Decision of the job: the task that was started or joined, or the reason why none was. */
  taskId?: string;
  decision?: string;
}

export const deliveryStates = ['received', 'dispatched', 'parked'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** A webhook's unchanged body, with the headers needed to parse it again. */
export interface KeptPayload {
  /** X-GitHub-Event. */
  name: string;
  /** Media type of the body. */
  type: string;
  body: Uint8Array;
}

/** The record of a webhook delivery: the data that rules need; the whole payload only while it cannot be parsed. */
export interface Delivery {
  /** X-GitHub-Delivery; `<id>~<n>` for a replay. */
  id: string;
  /** X-GitHub-Event, with the payload's action if it has one: `pull_request.closed`. */
  event: string;
  repo?: string;
  /** A sentence: `owner/name: #12 was merged into main`, or the reason why rules ignore the event. */
  summary: string;
  /** Absent when rules ignore the event. */
  hook?: HookEvent;
  /** Set when the payload lacks data for matching; the payload is kept whole so that a later version can parse it. */
  unreadable?: true;
  /** Order of receipt over all deliveries. */
  seq: number;
  state: DeliveryState;
  /** Number of failed dispatches, and the last error. */
  failures: number;
  error?: string;
  matches: DeliveryMatch[];
  /** Original delivery and requester of a replay. */
  replayOf?: string;
  by?: string;
  receivedAt: Date;
  dispatchedAt?: Date;
}
