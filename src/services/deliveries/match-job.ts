import type { HookEvent } from '../../model/delivery.ts';
import type { Job } from '../../model/job.ts';
import { repositoryName } from '../../model/repository-name.ts';
import type { RepositoryChange } from '../../model/trigger.ts';
import type { FlowComponents } from './flow-components.ts';
import { matchRules } from './match-rules.ts';

export interface Match {
  matched: boolean;
  /** Sentence that names the rule and the value. */
  reason: string;
  /** The new version of the repository; empty without a match. */
  changes: RepositoryChange[];
}

/** Matches an event with a job. Looks up the components of its flow only when a rule matches. */
export async function matchJob(hook: HookEvent, job: Job, componentsOf: () => Promise<FlowComponents>): Promise<Match> {
  const { matched, reason } = matchRules(hook, job);
  if (!matched) return refused(reason);
  if (job.pause) {
    const { by, note } = job.pause;
    return refused(`${reason}, but the job is paused by ${by}${note ? ` (${note})` : ''}`);
  }
  const flow = await componentsOf();
  if ('broken' in flow) return refused(`${reason}, but ${flow.broken}`);
  const repo = repositoryName(hook.repo);
  const isComponent = flow.repositories.some((one) => repositoryName(one) === repo);
  if (!isComponent) {
    return refused(`${reason}, but no component of its test flow is built from ${hook.repo}`);
  }
  return { matched: true, reason, changes: [changeOf(hook)] };
}

function changeOf(hook: HookEvent): RepositoryChange {
  const { repo, sha } = hook;
  if (hook.kind === 'tag_created') return { repo, version: hook.tag, title: hook.tag, sha };
  const title = `${hook.number === undefined ? '' : `#${hook.number} `}${hook.title}`.trim();
  // Without a commit from GitHub, the head of the base branch is used.
  return {
    repo,
    version: sha ?? hook.base,
    title: title || `a merge into ${hook.base}`,
    sha,
    number: hook.number,
  };
}

function refused(reason: string): Match {
  return { matched: false, reason, changes: [] };
}
