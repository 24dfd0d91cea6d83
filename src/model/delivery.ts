/** A merged pull request, as the rules of jobs see it. */
interface PullRequestMerged {
  kind: 'pr_merged';
  /** `owner/name` as GitHub writes it. */
  repo: string;
  /** Branches: what it was merged into, and where it came from. */
  base: string;
  source: string;
  /** Absent where GitHub did not tell it. */
  number?: number;
  title: string;
  /** Full sha of the commit that the merge made, where it is told. */
  sha?: string;
  by: string;
}

/** A tag that is new, by whichever of GitHub's three events it was told. */
interface TagCreated {
  kind: 'tag_created';
  repo: string;
  tag: string;
  /** What the tag points to; only a push tells it. */
  sha?: string;
  by: string;
}

export type HookEvent = PullRequestMerged | TagCreated;

/** What a delivery meant to one job. */
export interface DeliveryMatch {
  jobId: string;
  jobName: string;
  matched: boolean;
  /** Why, in a sentence. */
  reason: string;
  /** What the job did with it, once it has decided: the task that it started or joined, or why there is none. */
  taskId?: string;
  decision?: string;
}

export const deliveryStates = ['received', 'dispatched', 'parked'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** A webhook's body as it came, and what is needed to read it again. */
export interface KeptPayload {
  /** X-GitHub-Event. */
  name: string;
  /** The media type of the body. */
  type: string;
  body: Uint8Array;
}

/** A webhook's delivery as it is kept: what rules need to know; its whole content only while that cannot be read. */
export interface Delivery {
  /** X-GitHub-Delivery; of a replay `<id>~<n>`. */
  id: string;
  /** X-GitHub-Event, with the payload's action where it has one: `pull_request.closed`. */
  event: string;
  repo?: string;
  /** In a sentence: `owner/name: #12 was merged into main`, or why it is none of the events that rules look at. */
  summary: string;
  /** Absent when it is none of the events that rules look at. */
  hook?: HookEvent;
  /** Its payload lacks what matching needs; it is kept whole, so that a later version can read it. */
  unreadable?: true;
  /** Order of receipt over all deliveries. */
  seq: number;
  state: DeliveryState;
  /** How often its dispatch failed, and how the last time. */
  failures: number;
  error?: string;
  matches: DeliveryMatch[];
  /** Of a replay: the delivery that it repeats, and who asked for it. */
  replayOf?: string;
  by?: string;
  receivedAt: Date;
  dispatchedAt?: Date;
}
