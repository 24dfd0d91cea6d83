import { repositoryName } from './repository-name.ts';

/** A change of a repository, from which a trigger derives the versions of its components. */
export interface RepositoryChange {
  /** Repository as named by the sender, compared by its full name. */
  repo: string;
  /** Full sha, or the name of a tag. */
  version: string;
  /** Title for display: `#12 Add a timeout`, or the tag. */
  title: string;
  /** Commit of the tag, or the merge commit, if sent. */
  sha?: string;
  /** Number of a merged pull request. */
  number?: number;
}

/** A manual run. */
export interface ManualTrigger {
  type: 'manual';
  by?: string;
}

/** A scheduled run. */
interface ScheduleTrigger {
  type: 'schedule';
  /** Scheduled time, ISO 8601 in UTC. */
  nominalAt: string;
}

/** A run for merges or tags; several when they were coalesced. */
export interface EventTrigger {
  type: 'pr_merged' | 'tag_created';
  /** Ids of the deliveries. */
  deliveries: string[];
  changes: RepositoryChange[];
}

/** The reason why a task was started. */
export type TaskTrigger = ManualTrigger | ScheduleTrigger | EventTrigger;

/** Merges two triggers of the same type; the later change wins when both changed the same repository. */
export function mergeTriggers(earlier: EventTrigger, later: EventTrigger): EventTrigger {
  return {
    type: earlier.type,
    deliveries: [...earlier.deliveries, ...later.deliveries],
    changes: [...earlier.changes, ...later.changes],
  };
}

/** Returns true for a trigger with changes of repositories. */
export function isEventTrigger(trigger: TaskTrigger): trigger is EventTrigger {
  return trigger.type === 'pr_merged' || trigger.type === 'tag_created';
}

/** Returns the version of a repository in a trigger, the latest if there are several; undefined when it has none. */
export function changedVersion(trigger: TaskTrigger, repo: string): string | undefined {
  if (!isEventTrigger(trigger)) return undefined;
  const name = repositoryName(repo);
  return trigger.changes.findLast((change) => repositoryName(change.repo) === name)?.version;
}
