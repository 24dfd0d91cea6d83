import { repositoryName } from './repository-name.ts';

/** What a repository has become, by which a trigger decides the versions of its components. */
export interface RepositoryChange {
  /** As the sender names it, compared by its full name. */
  repo: string;
  /** A full sha, or the name of a tag. */
  version: string;
  /** For people: `#12 Add a timeout`, or the tag. */
  title: string;
  /** The commit that a tag points to, or that a merge made, where the sender tells it. */
  sha?: string;
  /** Of a merged pull request: its number in the repository. */
  number?: number;
}

/** A run that somebody asked for. */
export interface ManualTrigger {
  type: 'manual';
  by?: string;
}

/** A run whose time had come. */
interface ScheduleTrigger {
  type: 'schedule';
  /** The time that the schedule was for, ISO 8601 in UTC. */
  nominalAt: string;
}

/** A run for what was merged or tagged; several when they were coalesced. */
export interface EventTrigger {
  type: 'pr_merged' | 'tag_created';
  /** Ids of the deliveries. */
  deliveries: string[];
  changes: RepositoryChange[];
}

/** Why a task exists. */
export type TaskTrigger = ManualTrigger | ScheduleTrigger | EventTrigger;

/** One trigger made of two of the same kind: what was merged later counts where both changed the same repository. */
export function joinTriggers(earlier: EventTrigger, later: EventTrigger): EventTrigger {
  return {
    type: earlier.type,
    deliveries: [...earlier.deliveries, ...later.deliveries],
    changes: [...earlier.changes, ...later.changes],
  };
}

/** True for a trigger that names what changed. */
export function isEvent(trigger: TaskTrigger): trigger is EventTrigger {
  return trigger.type === 'pr_merged' || trigger.type === 'tag_created';
}

/** The version that a trigger asks for of a repository, the latest if there are several; undefined when it names none. */
export function changedVersion(trigger: TaskTrigger, repo: string): string | undefined {
  if (!isEvent(trigger)) return undefined;
  const name = repositoryName(repo);
  return trigger.changes.findLast((change) => repositoryName(change.repo) === name)?.version;
}
